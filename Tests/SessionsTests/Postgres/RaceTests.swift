import PostgresPipeline
import Secrets
import Testing

@testable import Sessions

@Suite("What two replicas do to one session at the same time", .serialized)
struct RaceTests {
    @Test("CB-04 promise 2: of two simultaneous claims of a login one wins, three hundred times")
    func claims() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.replica { other in
                let managers = [fixture.manager(), other.manager()]
                for round in 0..<300 {
                    let pending = try await managers[round % 2].beginLogin(startedLogin())
                    let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                        for manager in managers {
                            group.addTask {
                                try await manager.claimLogin(pending.id, state: Secret("MARKED-state")) != nil
                            }
                        }
                        return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                    }
                    try #require(winners == 1)
                }
            }
        }
    }

    @Test("SS-08 two updates of different attributes at the same time are both kept, a hundred times")
    func differentAttributes() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.replica { other in
                let (first, second) = (fixture.manager(), other.manager())
                let id = try await first.completeLogin(login(), replacing: nil).id
                for round in 0..<100 {
                    var profile = SessionUpdate()
                    profile.profile = ["left": .integer(Int64(round))]
                    var roles = SessionUpdate()
                    roles.profile = ["right": .integer(Int64(round))]
                    roles.roles = ["role-\(round)"]
                    async let one = first.updateSession(id, profile)
                    async let two = second.updateSession(id, roles)
                    _ = try await (one, two)
                    let session = try #require(try await first.getSession(id, touch: false))
                    try #require(session.profile["left"] == .integer(Int64(round)))
                    try #require(session.profile["right"] == .integer(Int64(round)))
                    try #require(session.roles == ["role-\(round)"])
                }
            }
        }
    }

    @Test("RC-17 promise 6: 32 simultaneous logins of one user at two replicas leave exactly the limit, each time")
    func limit() async throws {
        try await StoreFixture.with(connections: 16) { fixture in
            try await fixture.replica(connections: 16) { other in
                let managers = [fixture.manager(), other.manager()]
                for _ in 0..<20 {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<32 {
                            group.addTask {
                                _ = try await managers[number % 2].completeLogin(login(), replacing: nil)
                            }
                        }
                        try await group.waitForAll()
                    }
                    try #require(try await managers[0].getUserSessions(alice).count == 10)
                }
                let newest = try await fixture.text(
                    """
                    SELECT bool_and(a.created_at >= r.created_at)::text
                    FROM (SELECT min(created_at) AS created_at FROM sessions WHERE revoked_at IS NULL) AS a,
                        (SELECT max(created_at) AS created_at FROM sessions WHERE revoked_at IS NOT NULL) AS r
                    """
                )
                #expect(newest == "true", "those that stay are the newest")
            }
        }
    }

    @Test(
        "SS-07 PS-02 promise 1: logout wins against simultaneous uses and updates, three hundred times",
        arguments: [true, false]
    )
    func logout(byDeleting: Bool) async throws {
        try await StoreFixture.with { fixture in
            try await fixture.replica { other in
                var policy = SessionPolicy()
                policy.updateAge = .zero
                let (manager, store, frozen) = (fixture.manager(policy), other.store, policy)
                for _ in 0..<300 {
                    let id = try await manager.completeLogin(login(), replacing: nil).id
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            let isEnded =
                                byDeleting ? try await manager.deleteSession(id) : try await manager.revokeSession(id)
                            #expect(isEnded)
                        }
                        group.addTask {
                            _ = try await store.touch([SessionTouch(id: id, age: .zero)], policy: frozen)
                        }
                        group.addTask {
                            var update = SessionUpdate(accessToken: Secret("late"))
                            update.extendsLifetime = true
                            _ = try await store.update(id, update, policy: frozen)
                        }
                        try await group.waitForAll()
                    }
                    try #require(try await manager.getSession(id) == nil)
                    try #require(try await store.update(id, SessionUpdate(), policy: frozen) == nil)
                }
                #expect(try await fixture.text("SELECT count(access_token)::text FROM sessions") == "0")
            }
        }
    }

    @Test("promise 3: of two simultaneous sign-ins of one anonymous session one goes on, under a new id")
    func fixation() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.replica { other in
                let managers = [fixture.manager(), other.manager()]
                for round in 0..<200 {
                    let before = try await managers[0].createSession(SessionAttributes())
                    let after = try await withThrowingTaskGroup(of: SessionID?.self) { group -> [SessionID] in
                        for (index, manager) in managers.enumerated() {
                            group.addTask {
                                var update = SessionUpdate(accessToken: Secret("t"), subject: "user-\(round)-\(index)")
                                update.issuer = "https://id.example"
                                return try await manager.updateSession(before.id, update)?.id
                            }
                        }
                        return try await group.reduce(into: []) { if let id = $1 { $0.append(id) } }
                    }
                    try #require(after.count == 1)
                    try #require(after[0] != before.id)
                    try #require(try await managers[0].getSession(before.id) == nil)
                    try #require(try await managers[1].getSession(after[0]) != nil)
                }
            }
        }
    }

    @Test("promise 3: the session that a browser brought is dead when its login is complete, on every replica")
    func replaced() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.replica { other in
                for _ in 0..<50 {
                    let before = try await fixture.manager().completeLogin(login(), replacing: nil)
                    let after = try await fixture.manager().completeLogin(login(), replacing: before.id)
                    try #require(try await other.manager().getSession(before.id) == nil)
                    try #require(try await other.manager().getSession(after.id) != nil)
                }
            }
        }
    }

    @Test("RB-08 uses, updates, logins and mass revocations of one user never fail on each other")
    func noDeadlocks() async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            try await fixture.replica(connections: 4) { other in
                var policy = SessionPolicy()
                policy.updateAge = .zero
                let (stores, frozen) = ([fixture.store, other.store], policy)
                let manager = fixture.manager(policy)
                for round in 0..<30 {
                    let ids = try await manager.signIn(8)
                    let touches = ids.map { SessionTouch(id: $0, age: .zero) }
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for store in stores {
                            for _ in 0..<4 {
                                let shuffled = touches.shuffled()
                                group.addTask { _ = try await store.touch(shuffled, policy: frozen) }
                                group.addTask {
                                    _ = try await store.updateUser(
                                        alice,
                                        profile: [:],
                                        roles: ["r"],
                                        by: nil,
                                        policy: frozen
                                    )
                                }
                                group.addTask {
                                    let new = NewSession(attributes: login().attributes)
                                    let previous = ReplacedSession(id: shuffled[0].id)
                                    _ = try await store.create(new, replacing: previous, policy: frozen)
                                }
                            }
                            group.addTask {
                                _ = try await store.revokeAll(
                                    of: alice,
                                    except: ids[round % 8],
                                    reason: .invalidated,
                                    by: nil,
                                    policy: frozen
                                )
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
        }
    }
}

extension SessionManager {
    fileprivate func signIn(_ count: Int) async throws -> [SessionID] {
        var ids: [SessionID] = []
        for _ in 0..<count { ids.append(try await completeLogin(login(), replacing: nil).id) }
        return ids
    }
}
