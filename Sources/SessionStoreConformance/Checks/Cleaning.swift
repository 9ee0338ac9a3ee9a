import Sessions

extension SessionStoreConformance {
    static let cleaning: [SessionStoreCheck] = [
        SessionStoreCheck("cleaning removes what has expired, in batches, and nothing else") { subject in
            for _ in 0..<7 { _ = try await subject.create(SessionAttributes()) }
            let (store, policy) = (subject.store, subject.policy)
            for _ in 0..<4 { _ = try await store.create(newLogin(), id: PendingLoginID(), policy: policy) }
            let revoked = try await subject.create(signedIn())
            _ = try await subject.store.revoke(revoked.handle, reason: .revoked, by: nil, policy: subject.policy)
            try await subject.pass(.seconds(86_400 * 8))
            let live = try await subject.create(signedIn()).id
            let anonymous = try await subject.create(SessionAttributes()).id

            let counted = try await subject.count(.expired)
            try expect(counted.sessions == 7 && counted.logins == 4, "a dry run counts them")
            try expect(try await subject.count(.expired) == counted, "and changes nothing")

            let batches = try await subject.clean(.expired, limit: 3)
            try expect(batches.allSatisfy { $0.sessions + $0.logins <= 3 }, "no batch is larger than asked for")
            try expect(batches.total.sessions == 7 && batches.total.logins == 4, "all of them are removed")
            try expect(try await subject.isAlive(live), "a live session is left alone")
            try expect(try await subject.isAlive(anonymous), "a live anonymous session too")
            let statistics = try await subject.store.statistics(tenantID: nil, policy: subject.policy)
            try expect(statistics.total == 3 && statistics.revoked == 1, "what was revoked is kept")
        },
        SessionStoreCheck("revoked sessions go when their retention is over") { subject in
            let old = try await subject.create(signedIn())
            _ = try await subject.store.revoke(old.handle, reason: .revoked, by: nil, policy: subject.policy)
            try await subject.pass(.seconds(86_400 * 31))
            let recent = try await subject.create(signedIn())
            _ = try await subject.store.revoke(recent.handle, reason: .revoked, by: nil, policy: subject.policy)
            let batches = try await subject.clean(.revoked(olderThan: .seconds(86_400 * 30)))
            try expect(batches.total.sessions == 1, "the old one goes")
            let statistics = try await subject.store.statistics(tenantID: nil, policy: subject.policy)
            try expect(statistics.revoked == 1, "the recent one stays")
        },
        SessionStoreCheck("inactive sessions go, used ones stay") { subject in
            for _ in 0..<3 { _ = try await subject.create(signedIn()) }
            try await subject.pass(.seconds(86_400 * 6))
            let live = try await subject.create(signedIn()).id
            let counted = try await subject.count(.inactive(.seconds(86_400 * 5)))
            try expect(counted.sessions == 3, "a dry run counts them")
            let batches = try await subject.clean(.inactive(.seconds(86_400 * 5)), limit: 2)
            try expect(batches.total.sessions == 3, "all of them go")
            try expect(try await subject.isAlive(live), "the one in use stays")
        },
        SessionStoreCheck("sessions over the limit are revoked, the oldest first") { subject in
            var ids: [SessionID] = []
            for _ in 0..<3 {
                ids.append(try await subject.create(signedIn()).id)
                try await subject.pass(.seconds(1))
            }
            let counted = try await subject.count(.overLimit(1))
            try expect(counted.sessions == 2, "a dry run counts them")
            try expect(try await subject.isAlive(ids[0]), "and ends none")
            let batches = try await subject.clean(.overLimit(1))
            try expect(batches.total.sessions == 2, "two are revoked")
            try expect(try await subject.isAlive(ids[2]), "the newest lives")
        },
        SessionStoreCheck("there is one cleaner at a time, and a failed one makes room") { subject in
            let store = subject.store
            let nested = try await store.withExclusiveCleaning { _ async throws(SessionError) -> Bool? in
                try await store.withExclusiveCleaning { _ in true }
            }
            try expect(nested == .some(.none), "the second one is turned away")
            try await expectRefusal("the failure of a cleaner is passed on") {
                _ = try await store.withExclusiveCleaning { _ async throws(SessionError) in
                    throw SessionError(.failed, "on purpose")
                }
            }
            let next = try await store.withExclusiveCleaning { _ in true }
            try expect(next == true, "the next one gets its turn")
        },
    ]
}

extension [CleanupBatch] {
    fileprivate var total: CleanupBatch {
        CleanupBatch(
            sessions: reduce(0) { $0 + $1.sessions },
            logins: reduce(0) { $0 + $1.logins },
            next: nil
        )
    }
}
