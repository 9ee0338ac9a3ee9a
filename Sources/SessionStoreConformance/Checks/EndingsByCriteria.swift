import Secrets
import Sessions

extension SessionStoreConformance {
    static let endingsByCriteria: [SessionStoreCheck] = [
        SessionStoreCheck("a dry run counts exactly what the real run ends, for every filter and both modes") {
            subject in
            // Filters don't change what they name, so that the dry runs can all go first.
            let handles = try await subject.oneOfEachState()
            for (name, expected, filter) in try await subject.filters(of: handles) {
                for mode in [SessionEnding.delete, .revoke(.revoked)] {
                    let counted = try await subject.end(filter, mode, isDryRun: true)
                    let ends = mode == .delete ? expected : expected.filter { $0 == handles[3] }
                    try expect(counted.matched == ends.count, "\(name), \(mode): \(counted.matched)")
                    try expect(counted.ended == 0 && counted.handles.isEmpty, "\(name): a dry run ends none")
                }
            }
            try expect(try await subject.list(SessionFilter()).count == 4, "they are all there")
        },
        SessionStoreCheck("deleting by criteria takes what matches, revoked or not, and nothing else") { subject in
            let handles = try await subject.oneOfEachState()
            var filter = SessionFilter()
            filter.subject = "alice"
            filter.states = [.revoked, .inactive]
            let ended = try await subject.end(filter, .delete)
            try expect(ended.matched == 2 && ended.ended == 2, "two match")
            try expect(Set(ended.handles) == [handles[0], handles[2]], "they are named")
            try expect(try await subject.list(SessionFilter()).map(\.handle) == [handles[3], handles[1]], "two stay")
        },
        SessionStoreCheck("revoking by criteria ends what is alive, keeps its trace, and leaves what is over") {
            subject in
            let handles = try await subject.oneOfEachState()
            var filter = SessionFilter()
            filter.states = [.active, .expired]
            let ended = try await subject.end(filter, .revoke(.invalidated))
            try expect(ended.matched == 1 && ended.ended == 1, "one is alive")
            let list = try await subject.list(SessionFilter())
            try expect(list.map(\.handle) == handles.reversed(), "all rows are there")
            try expect(list.map(\.state) == [.revoked, .revoked, .expired, .inactive], "the live one is revoked")
            try expect(list[0].revocation?.reason == "invalidated" && !list[0].hasRefreshToken, "and has no tokens")
        },
        SessionStoreCheck("endings go on from batch to batch, the oldest first, each at most as large as asked for") {
            subject in
            var handles: [SessionHandle] = []
            for number in 0..<11 {
                let user = UserKey(issuer: "i", subject: "user-\(number)")
                handles.append(try await subject.create(signedIn(user)).handle)
                try await subject.pass(.seconds(1))
            }
            var filter = SessionFilter()
            filter.issuer = "i"
            var cursor: SessionPage.Cursor?
            var sizes: [Int] = []
            repeat {
                let batch = try await subject.end(filter, .revoke(.revoked), after: cursor, limit: 4)
                sizes.append(batch.ended)
                cursor = batch.next
                filter.states = [.active]
                let alive = try await subject.list(filter).map(\.handle)
                try expect(alive == handles.dropFirst(sizes.reduce(0, +)).reversed(), "the newest are left")
                filter.states = []
            } while cursor != nil && sizes.count < 20
            try expect(sizes == [4, 4, 3], "batches of \(sizes)")
        },
        SessionStoreCheck("started logins are never ended by criteria") { subject in
            let (store, policy) = (subject.store, subject.policy)
            let login = try await store.create(newLogin(), id: PendingLoginID(), policy: policy)
            try await subject.pass(.seconds(60))
            var filter = SessionFilter()
            filter.olderThan = .seconds(1)
            try expect(try await subject.end(filter, .delete).ended == 0, "there is no session")
            let claimed = try await store.claim(login.id, state: newLogin().state.reveal(), policy: policy)
            try expect(claimed != nil, "the login can be finished")
        },
    ]
}

extension StoreUnderTest {
    func end(
        _ filter: SessionFilter,
        _ mode: SessionEnding,
        after: SessionPage.Cursor? = nil,
        limit: Int = 100,
        isDryRun: Bool = false,
        policy: SessionPolicy? = nil
    ) async throws -> EndedBatch {
        try await store.endSessions(
            matching: filter,
            mode: mode,
            after: after,
            limit: limit,
            isDryRun: isDryRun,
            policy: policy ?? self.policy
        )
    }
}
