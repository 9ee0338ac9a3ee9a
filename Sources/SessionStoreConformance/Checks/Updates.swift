import Secrets
import Sessions

extension SessionStoreConformance {
    static let updates: [SessionStoreCheck] = [
        SessionStoreCheck("what an update doesn't mention stays") { subject in
            let session = try await subject.create(everything())
            var update = SessionUpdate()
            update.accessToken = .set(Secret("another token"))
            update.deviceLabel = .clear
            update.profile = ["age": 37, "nested": JSONValue?.none]
            let answer = try await subject.store.update(session.id, update, policy: subject.policy)
            let updated = try unwrap(answer, "it is alive")
            var expected = everything()
            expected.accessToken = Secret("another token")
            expected.deviceLabel = nil
            expected.profile["age"] = 37
            expected.profile["nested"] = nil
            try expectSame(updated.attributes, expected)
            let read = try unwrap(try await subject.read(session.id), "it is alive")
            try expectSame(read.attributes, expected)
            try expect(read.revision == updated.revision && read.revision > session.revision, "the revision counts it")
        },
        SessionStoreCheck("everything that an update can set is set, and what it can clear is cleared") { subject in
            let session = try await subject.create(SessionAttributes())
            let all = everything()
            var update = SessionUpdate()
            update.nonce = .init(all.nonce)
            update.state = .init(all.state)
            update.codeVerifier = .init(all.codeVerifier)
            update.accessToken = .init(all.accessToken)
            update.refreshToken = .init(all.refreshToken)
            update.idToken = .init(all.idToken)
            update.accessTokenExpiresAt = .init(all.accessTokenExpiresAt)
            update.providerSessionID = .init(all.providerSessionID)
            update.userAgent = .init(all.userAgent)
            update.ipAddress = .init(all.ipAddress)
            update.deviceLabel = .init(all.deviceLabel)
            update.profile = all.profile.mapValues { $0 }
            update.roles = all.roles
            let set = try await subject.store.update(session.id, update, policy: subject.policy)
            var expected = all
            (expected.tenantID, expected.issuer, expected.provider, expected.subject) = ("", nil, nil, nil)
            try expectSame(try unwrap(set, "it is alive").attributes, expected)

            var clearing = SessionUpdate()
            clearing.nonce = .clear
            clearing.state = .clear
            clearing.codeVerifier = .clear
            clearing.accessToken = .clear
            clearing.refreshToken = .clear
            clearing.idToken = .clear
            clearing.accessTokenExpiresAt = .clear
            clearing.providerSessionID = .clear
            clearing.userAgent = .clear
            clearing.ipAddress = .clear
            clearing.deviceLabel = .clear
            clearing.profile = all.profile.mapValues { _ in JSONValue?.none }
            clearing.roles = []
            let cleared = try await subject.store.update(session.id, clearing, policy: subject.policy)
            try expectSame(try unwrap(cleared, "it is alive").attributes, SessionAttributes())
        },
        SessionStoreCheck("SS-08 simultaneous updates of different attributes are both kept") { subject in
            let id = try await subject.create(signedIn()).id
            let (store, policy) = (subject.store, subject.policy)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        var update = SessionUpdate()
                        update.profile = ["member-\(number)": .integer(Int64(number))]
                        _ = try await store.update(id, update, policy: policy)
                    }
                }
                try await group.waitForAll()
            }
            let session = try unwrap(try await subject.read(id), "it is alive")
            try expect(session.profile.count == 20, "all twenty members are there, not \(session.profile.count)")
            try expect(session.revision == 20, "each counted")
        },
        SessionStoreCheck("SS-07 an update or a use never revives a session that has ended") { subject in
            let deleted = try await subject.create(signedIn()).id
            _ = try await subject.store.delete(deleted, policy: subject.policy)
            let revoked = try await subject.create(signedIn())
            _ = try await subject.store.revoke(revoked.handle, reason: .revoked, by: nil, policy: subject.policy)
            let expired = try await subject.create(signedIn()).id
            try await subject.pass(.seconds(3700))
            var update = SessionUpdate(accessToken: Secret("late"))
            update.extendsLifetime = true
            for id in [deleted, revoked.id, expired] {
                let answer = try await subject.store.update(id, update, policy: subject.policy)
                try expect(answer == nil, "an update finds nothing")
                try expect(try await subject.touch(id) == 0, "a use finds nothing")
                try expect(try await subject.isAlive(id) == false, "it stays ended")
            }
        },
        SessionStoreCheck("changes of a user reach all of their live sessions and nobody else's") { subject in
            let sessions = [try await subject.create(everything()), try await subject.create(signedIn())]
            var other = alice
            other.issuer = "https://elsewhere.example"
            let stranger = try await subject.create(signedIn(other))
            let count = try await subject.store.updateUser(
                alice,
                profile: ["name": "Ada", "age": JSONValue?.none],
                roles: ["user"],
                by: nil,
                policy: subject.policy
            )
            try expect(count == 2, "both sessions are changed")
            for session in sessions {
                let read = try unwrap(try await subject.read(session.id), "it is alive")
                try expect(read.profile["name"] == "Ada" && read.profile["age"] == nil, "members are merged")
                try expect(read.roles == ["user"], "roles are replaced")
                try expect(read.accessToken != nil, "tokens stay")
            }
            try expect(try await subject.read(stranger.id)?.roles == [], "the same subject elsewhere is another user")
        },
    ]
}

extension SessionUpdate.Change {
    fileprivate init(_ value: Value?) {
        self = value.map { .set($0) } ?? .clear
    }
}
