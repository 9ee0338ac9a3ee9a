import Patience
import PostgresPipeline
import Secrets
import Testing

@testable import Sessions

@Suite("More started logins than anybody finishes")
struct LoginFloodTests {
    private static func policy(_ maximum: Int) -> SessionPolicy {
        var policy = SessionPolicy()
        policy.maximumPendingLogins = maximum
        return policy
    }

    private static func logins(_ fixture: StoreFixture) async throws -> String? {
        try await fixture.texts("SELECT count(*)::text FROM sessions WHERE kind = 'login'").first?.first ?? nil
    }

    @Test("RV-01 PD-13 two replicas at once never make more started logins than there may be, and the newest are there")
    func bound() async throws {
        try await StoreFixture.with { first in
            try await first.replica { second in
                let policy = Self.policy(20)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for store in [first.store, second.store] {
                        for _ in 0..<8 {
                            group.addTask {
                                for _ in 0..<25 {
                                    _ = try await store.create(startedLogin(), id: PendingLoginID(), policy: policy)
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await Self.logins(first) == "20")
                var newest: [PendingLoginID] = []
                for number in 0..<20 {
                    let store = number.isMultiple(of: 2) ? first.store : second.store
                    newest.append(try await store.create(startedLogin(), id: PendingLoginID(), policy: policy).id)
                }
                #expect(try await Self.logins(first) == "20")
                for id in newest {
                    #expect(try await second.store.claim(id, state: "MARKED-state", policy: policy) != nil)
                }
                #expect(try await Self.logins(first) == "0")
            }
        }
    }

    @Test("RV-01 a place that was taken from a login that could still have been finished is told from another")
    func displaced() async throws {
        try await StoreFixture.with { fixture in
            let revision = "SELECT revision::text FROM sessions"
            for (seconds, expected) in [(0, "0"), (0, "1"), (610, "0")] {
                try await fixture.pass(.seconds(seconds))
                _ = try await fixture.store.create(startedLogin(), id: PendingLoginID(), policy: Self.policy(1))
                #expect(try await fixture.texts(revision) == [[expected]])
            }
        }
    }

    @Test("RV-01 logins of the version before have no place, and keep what they have")
    func withoutPlace() async throws {
        try await StoreFixture.with { fixture in
            let policy = Self.policy(2)
            let old = try await fixture.store.create(startedLogin(), id: PendingLoginID(), policy: policy).id
            try await fixture.execute("UPDATE sessions SET login_slot = NULL")
            for _ in 0..<5 {
                _ = try await fixture.store.create(startedLogin(), id: PendingLoginID(), policy: policy)
            }
            #expect(try await Self.logins(fixture) == "3")
            #expect(try await fixture.store.claim(old, state: "MARKED-state", policy: policy) != nil)
        }
    }

    @Test("RV-01 while the database keeps them waiting, more starts than may wait are refused at once")
    func inFlight() async throws {
        try await StoreFixture.with { fixture in
            let (store, policy) = (fixture.store, SessionPolicy())
            let waiting = try await fixture.client.withDedicatedConnection { connection in
                try await connection.transaction {
                    try await connection.execute(script: "LOCK TABLE sessions IN SHARE MODE")
                    let waiting = (0..<LoginStartsInFlight.maximum).map { _ in
                        Task { try await store.create(startedLogin(), id: PendingLoginID(), policy: policy) }
                    }
                    try await eventually("as many as may be wait", within: .seconds(60)) {
                        store.startsInFlight.current >= LoginStartsInFlight.maximum
                    }
                    for _ in 0..<3 {
                        let error = await #expect(throws: SessionError.self) {
                            _ = try await store.create(startedLogin(), id: PendingLoginID(), policy: policy)
                        }
                        #expect(error?.code == .busy)
                    }
                    return waiting
                }
            }
            for login in waiting { _ = try await login.value }
            #expect(try await Self.logins(fixture) == "\(LoginStartsInFlight.maximum)")
            #expect(store.startsInFlight.current == 0)
        }
    }
}
