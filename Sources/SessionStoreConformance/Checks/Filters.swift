import Foundation
import Secrets
import Sessions

extension SessionStoreConformance {
    static let filters: [SessionStoreCheck] = [
        SessionStoreCheck("a list has every state, the newest first, and says what became of each") { subject in
            let handles = try await subject.oneOfEachState()
            let page = try await subject.list(SessionFilter())
            try expect(page.map(\.handle) == handles.reversed(), "newest first")
            let states: [SessionState] = [.inactive, .expired, .revoked, .active]
            try expect(page.map(\.state) == states.reversed(), "each in its state, not \(page.map(\.state))")
            for (summary, state) in zip(page, states.reversed()) {
                let found = try await subject.store.summary(summary.handle, policy: subject.policy)
                try expect(found?.state == state, "the same one by one")
                try expect(summary.hasRefreshToken == (state != .revoked), "what was revoked has no tokens")
                try expect(summary.attributes.refreshToken == nil, "and none shows them")
            }
        },
        SessionStoreCheck("what was revoked is listed with date and reason") { subject in
            let session = try await subject.create(signedIn())
            let (store, policy) = (subject.store, subject.policy)
            _ = try await store.revoke(session.handle, reason: .provider, by: nil, policy: policy)
            let found = try await store.summary(session.handle, policy: policy)
            let revocation = try unwrap(found?.revocation, "it has a date and a reason")
            try expect(revocation.reason == SessionEndReason.provider.rawValue, "the reason is kept")
            let age = revocation.date.timeIntervalSince(session.createdAt)
            try expect((0..<60).contains(age), "and when, not \(age) seconds later")
            try expect(found?.user == alice, "its trace tells whose it was")
            let list = try await subject.list(SessionFilter()).first
            try expect(list?.revocation == revocation, "lists say the same")
        },
        SessionStoreCheck("a handle of nothing finds nothing, nor does a started login's") { subject in
            let (store, policy) = (subject.store, subject.policy)
            try expect(try await store.summary(SessionID().handle, policy: policy) == nil, "there is none")
            let login = try await store.create(newLogin(), id: PendingLoginID(), policy: policy)
            let asSession = try unwrap(SessionID(login.id.value.reveal()), "the forms are the same")
            try expect(try await store.summary(asSession.handle, policy: policy) == nil, "a login isn't listed")
            try expect(try await subject.list(SessionFilter()).isEmpty, "in no list")
        },
        SessionStoreCheck("each criterion names those that meet it, and all together those that meet all") { subject in
            let handles = try await subject.oneOfEachState()
            for (name, expected, filter) in try await subject.filters(of: handles) {
                let found = try await subject.list(filter)
                try expect(Set(found.map(\.handle)) == Set(expected), "\(name): \(found.map(\.state))")
            }
        },
        SessionStoreCheck("AD-11 a subject is matched exactly: it has no patterns") { subject in
            for name in ["alice", "Alice", "alice ", "al%", "alice\\"] {
                _ = try await subject.create(signedIn(UserKey(issuer: "i", subject: name)))
            }
            for name in ["%", "al%", "a_ice", "ALICE", ".*", "alice\\"] {
                var filter = SessionFilter()
                filter.subject = name
                let found = try await subject.list(filter).compactMap(\.user?.subject)
                try expect(found.allSatisfy { $0 == name }, "\(name) found \(found)")
                try expect(found.count == (["al%", "alice\\"].contains(name) ? 1 : 0), "only the very same")
            }
        },
        SessionStoreCheck("pages stay in order while sessions come, end and go") { subject in
            var handles: [SessionHandle] = []
            for number in 0..<30 {
                let user = UserKey(issuer: "i", subject: "user-\(number % 7)")
                handles.append(try await subject.create(signedIn(user)).handle)
                try await subject.pass(.seconds(1))
            }
            let (store, policy) = (subject.store, subject.policy)
            var seen: [SessionHandle] = []
            var cursor: SessionPage.Cursor?
            repeat {
                let page = try await store.sessions(
                    matching: SessionFilter(),
                    after: cursor,
                    limit: 4,
                    policy: policy
                )
                seen += page.sessions.map(\.handle)
                cursor = page.next
                // One comes, one is revoked, and the one that the cursor names goes.
                _ = try await subject.create(signedIn(UserKey(issuer: "i", subject: "newcomer-\(seen.count)")))
                _ = try await store.revoke(handles[1], reason: .revoked, by: nil, policy: policy)
                if let last = seen.last { try await subject.delete(last) }
            } while cursor != nil && seen.count < 100
            try expect(seen == handles.reversed(), "each once, in order, and none that came later")
        },
    ]
}

extension StoreUnderTest {
    func list(_ filter: SessionFilter) async throws -> [SessionSummary] {
        try await store.sessions(matching: filter, after: nil, limit: 100, policy: policy).sessions
    }

    /// Deletes the row of a session by its handle.
    func delete(_ handle: SessionHandle) async throws {
        let summary = try unwrap(try await store.summary(handle, policy: policy), "it is there")
        var filter = SessionFilter()
        filter.createdAfter = summary.createdAt
        filter.subject = summary.user?.subject
        filter.createdBefore = summary.createdAt + 0.000_001
        let batch = try await store.endSessions(
            matching: filter,
            mode: .delete,
            after: nil,
            limit: 10,
            isDryRun: false,
            policy: policy
        )
        try expect(batch.ended == 1, "one is deleted")
    }

    /// Of alice of acme an inactive, an expired and a revoked session, of bob of no tenant one that is alive: oldest first.
    func oneOfEachState() async throws -> [SessionHandle] {
        let inactive = try await create(signedIn())
        try await pass(.seconds(86_400 * 31))
        let expired = try await create(signedIn())
        try await pass(.seconds(3700))
        let revoked = try await create(signedIn())
        _ = try await store.revoke(revoked.handle, reason: .revoked, by: nil, policy: policy)
        try await pass(.seconds(100))
        var bob = signedIn(UserKey(issuer: "https://elsewhere.example", subject: "bob"))
        bob.profile = ["email": "Bob.O_Connor@Example.com"]
        let active = try await create(bob)
        return [inactive, expired, revoked, active].map(\.handle)
    }

    /// Filters, and which of ``oneOfEachState()`` each of them names.
    func filters(
        of handles: [SessionHandle]
    ) async throws -> [(name: String, expected: [SessionHandle], filter: SessionFilter)] {
        let (inactive, expired, revoked, active) = (handles[0], handles[1], handles[2], handles[3])
        let now = try unwrap(try await list(SessionFilter()).first, "there is one").createdAt
        let cases: [(String, [SessionHandle], (inout SessionFilter) -> Void)] = [
            ("none", handles, { _ in }),
            ("tenant", [inactive, expired, revoked], { $0.tenantID = "acme" }),
            ("no tenant", [active], { $0.tenantID = "" }),
            ("unknown tenant", [], { $0.tenantID = "ACME" }),
            ("issuer", [active], { $0.issuer = "https://elsewhere.example" }),
            ("subject", [inactive, expired, revoked], { $0.subject = "alice" }),
            ("e-mail address", [active], { $0.email = "bob.o_connor@example.com" }),
            ("e-mail address in another case", [active], { $0.email = "BOB.O_CONNOR@EXAMPLE.COM" }),
            ("another's e-mail address", [], { $0.email = "bob.o'connor@example.com" }),
            ("part of an e-mail address", [], { $0.email = "bob%" }),
            ("active", [active], { $0.states = [.active] }),
            // What is inactive is usually expired too.
            ("expired", [inactive, expired], { $0.states = [.expired] }),
            ("inactive", [inactive], { $0.states = [.inactive] }),
            ("revoked", [revoked], { $0.states = [.revoked] }),
            ("revoked or active", [revoked, active], { $0.states = [.revoked, .active] }),
            ("not revoked", [inactive, expired, active], { $0.states = [.active, .expired, .inactive] }),
            ("created before", [inactive, expired, revoked], { $0.createdBefore = now }),
            ("created after", [active], { $0.createdAfter = now }),
            (
                "created between", [expired, revoked],
                {
                    $0.createdAfter = now - 86_400
                    $0.createdBefore = now
                }
            ),
            ("older than a day", [inactive], { $0.olderThan = .seconds(86_400) }),
            ("older than a minute", [inactive, expired, revoked], { $0.olderThan = .seconds(60) }),
            ("last used before", [inactive, expired], { $0.lastAccessedBefore = now - 3600 }),
            ("revoked before", [revoked], { $0.revokedBefore = now }),
            ("revoked long before", [], { $0.revokedBefore = now - 3600 }),
            (
                "several", [expired],
                {
                    $0.subject = "alice"
                    $0.states = [.expired]
                    $0.createdAfter = now - 86_400
                }
            ),
            (
                "a contradiction", [],
                {
                    $0.tenantID = "acme"
                    $0.states = [.active]
                }
            ),
        ]
        return cases.map { name, expected, change in
            var filter = SessionFilter()
            change(&filter)
            return (name, expected, filter)
        }
    }
}
