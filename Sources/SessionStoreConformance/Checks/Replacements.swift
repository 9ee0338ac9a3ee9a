import Sessions

extension SessionStoreConformance {
    static let replacements: [SessionStoreCheck] = [
        SessionStoreCheck("the session that a login replaces is dead when the new one lives") { subject in
            let before = try await subject.create(SessionAttributes())
            let created = try await subject.store.create(
                NewSession(attributes: signedIn()),
                replacing: ReplacedSession(id: before.id),
                policy: subject.policy
            )
            let after = try unwrap(created, "it is created")
            try expect(try await subject.isAlive(after.id), "the new one lives")
            try expect(try await subject.isAlive(before.id) == false, "the old one is dead")
        },
        SessionStoreCheck("a login doesn't fail because the session that it replaces is gone") { subject in
            let created = try await subject.store.create(
                NewSession(attributes: signedIn()),
                replacing: ReplacedSession(id: SessionID()),
                policy: subject.policy
            )
            try expect(created != nil, "it is created")
        },
        SessionStoreCheck("a session goes on under a new id only from the revision that was read") { subject in
            let before = try await subject.create(SessionAttributes())
            var update = SessionUpdate()
            update.deviceLabel = .set("changed meanwhile")
            _ = try await subject.store.update(before.id, update, policy: subject.policy)
            let new = NewSession(attributes: signedIn())
            let stale = ReplacedSession(id: before.id, requiredRevision: before.revision)
            let refused = try await subject.store.create(new, replacing: stale, policy: subject.policy)
            try expect(refused == nil, "from a stale revision it isn't created")
            try expect(try await subject.isAlive(new.id) == false, "nothing is left of the attempt")
            try expect(try await subject.isAlive(before.id), "the old one lives on")
            let current = try unwrap(try await subject.read(before.id), "it is alive")
            let fresh = ReplacedSession(id: before.id, requiredRevision: current.revision)
            let created = try await subject.store.create(new, replacing: fresh, policy: subject.policy)
            try expect(created != nil, "from the current revision it is")
            try expect(try await subject.isAlive(before.id) == false, "the old id is dead")
        },
        SessionStoreCheck("a session that is over doesn't go on under a new id") { subject in
            let before = try await subject.create(SessionAttributes())
            try await subject.pass(.seconds(3700))
            let refused = try await subject.store.create(
                NewSession(attributes: signedIn()),
                replacing: ReplacedSession(id: before.id, requiredRevision: before.revision),
                policy: subject.policy
            )
            try expect(refused == nil, "it isn't created")
        },
    ]
}
