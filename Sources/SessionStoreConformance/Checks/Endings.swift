import Sessions

extension SessionStoreConformance {
    static let endings: [SessionStoreCheck] = [
        SessionStoreCheck("a deleted session is gone, once") { subject in
            let id = try await subject.create(signedIn()).id
            try expect(try await subject.store.delete(id, policy: subject.policy), "it was there")
            try expect(try await subject.isAlive(id) == false, "it is gone")
            try expect(try await subject.store.delete(id, policy: subject.policy) == false, "it can't be deleted again")
        },
        SessionStoreCheck("a revoked session is dead at once, and revoked once") { subject in
            let session = try await subject.create(signedIn())
            let (store, policy) = (subject.store, subject.policy)
            try expect(
                try await store.revoke(session.handle, reason: .revoked, by: nil, policy: policy),
                "it was alive"
            )
            try expect(try await subject.isAlive(session.id) == false, "it is dead")
            let again = try await store.revoke(session.handle, reason: .revoked, by: nil, policy: policy)
            try expect(again == false, "it isn't alive any more")
            try expect(
                try await store.delete(session.id, policy: policy) == false,
                "its trace can't be deleted by its holder"
            )
            try expect(try await store.statistics(tenantID: nil, policy: policy).revoked == 1, "its trace is kept")
        },
        SessionStoreCheck("an expired session can't be revoked") { subject in
            let session = try await subject.create(signedIn())
            try await subject.pass(.seconds(3700))
            let (store, policy) = (subject.store, subject.policy)
            let isRevoked = try await store.revoke(session.handle, reason: .revoked, by: nil, policy: policy)
            try expect(isRevoked == false, "it wasn't alive")
        },
        SessionStoreCheck("SS-09 the sessions of a user end together, but for one") { subject in
            let kept = try await subject.create(signedIn()).id
            let ended = [try await subject.create(signedIn()).id, try await subject.create(signedIn()).id]
            var other = alice
            other.tenantID = "another tenant"
            let stranger = try await subject.create(signedIn(other)).id
            let (store, policy) = (subject.store, subject.policy)
            let count = try await store.revokeAll(
                of: alice,
                except: kept,
                reason: .invalidated,
                by: nil,
                policy: policy
            )
            try expect(count == 2, "two were ended")
            for id in ended { try expect(try await subject.isAlive(id) == false, "it is dead") }
            try expect(try await subject.isAlive(kept), "the excepted one lives")
            try expect(try await subject.isAlive(stranger), "another tenant's user is another user")
            let rest = try await store.revokeAll(of: alice, except: nil, reason: .invalidated, by: nil, policy: policy)
            try expect(rest == 1, "the last one is ended")
        },
    ]
}
