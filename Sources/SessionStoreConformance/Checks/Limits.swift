import Sessions

extension SessionStoreConformance {
    static let limits: [SessionStoreCheck] = [
        SessionStoreCheck("SS-11 one login more than the maximum ends the oldest session") { subject in
            var ids: [SessionID] = []
            for _ in 0..<4 {
                ids.append(try await subject.create(signedIn()).id)
                try await subject.pass(.seconds(1))
            }
            try expect(try await subject.isAlive(ids[0]) == false, "the oldest is dead")
            for id in ids.dropFirst() { try expect(try await subject.isAlive(id), "the others live") }
        },
        SessionStoreCheck("expired and revoked sessions neither count nor change; nor do other users'") { subject in
            let expired = try await subject.create(signedIn())
            try await subject.pass(.seconds(3700))
            let first = try await subject.create(signedIn())
            let revoked = try await subject.create(signedIn())
            _ = try await subject.store.revoke(revoked.handle, reason: .logout, by: nil, policy: subject.policy)
            var other = alice
            other.issuer = "https://elsewhere.example"
            _ = try await subject.create(signedIn(other))
            _ = try await subject.create(SessionAttributes(tenantID: alice.tenantID))
            _ = try await subject.create(signedIn())
            _ = try await subject.create(signedIn())
            try expect(try await subject.isAlive(first.id), "three of three are alive")
            let statistics = try await subject.store.statistics(tenantID: nil, policy: subject.policy)
            try expect(statistics.revoked == 1, "only the one that was revoked is: \(expired.handle) is left alone")
        },
        SessionStoreCheck("RC-17 simultaneous logins of one user never leave more than the maximum") { subject in
            let (store, policy) = (subject.store, subject.policy)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<32 {
                    group.addTask {
                        let new = NewSession(attributes: signedIn())
                        _ = try await store.create(new, replacing: nil, policy: policy)
                    }
                }
                try await group.waitForAll()
            }
            let live = try await store.sessions(of: alice, policy: policy).count
            try expect(live == policy.maximumSessionsPerUser, "the maximum is alive, not \(live)")
        },
        SessionStoreCheck("a limit can be enforced afterwards") { subject in
            var ids: [SessionID] = []
            for _ in 0..<3 {
                ids.append(try await subject.create(signedIn()).id)
                try await subject.pass(.seconds(1))
            }
            let (store, policy) = (subject.store, subject.policy)
            try expect(
                try await store.enforceLimit(of: alice, maximum: 1, by: nil, policy: policy) == 2,
                "two are revoked"
            )
            try expect(try await subject.isAlive(ids[2]), "the newest lives")
            try expect(
                try await store.enforceLimit(of: alice, maximum: 1, by: nil, policy: policy) == 0,
                "then none is"
            )
        },
    ]
}
