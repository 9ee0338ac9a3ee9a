import Foundation
import Patience
import PostgresPipeline
import Testing

@testable import Sessions

@Suite("Endings by criteria, and what happens to the same sessions at that moment")
struct EndingRaceTests {
    private static let modes: [SessionEnding] = [.delete, .revoke(.revoked)]

    /// Ends everything unused for two minutes, while somebody else has changed a session and not yet committed.
    private func end(
        _ mode: SessionEnding,
        _ fixture: StoreFixture,
        while change: String
    ) async throws -> (outcome: EndedSessions, handle: SessionHandle) {
        let manager = fixture.manager()
        let id = try await manager.completeLogin(login(), replacing: nil).id
        try await fixture.pass(.seconds(600))
        var filter = SessionFilter()
        filter.lastAccessedBefore = .now - 120
        let unused = filter
        let statement = PostgresStatement("UPDATE sessions SET \(change)")
        let ending = try await fixture.client.transaction { transaction in
            try await transaction.query(statement, [])
            let ending = Task { try await manager.endSessions(matching: unused, mode: mode) }
            // It has judged the session by what it was, and waits for what becomes of it.
            try await fixture.waitForBlocked(1)
            return ending
        }
        return (try await ending.value, id.handle)
    }

    @Test("a session that is used at the same moment doesn't match any more, and lives", arguments: modes)
    func used(mode: SessionEnding) async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            let (outcome, handle) = try await end(mode, fixture, while: "last_accessed_at = clock_timestamp()")
            #expect(outcome == EndedSessions(matched: 1, ended: 0, isComplete: true), "and none is named")
            #expect(try await fixture.manager().session(handle)?.state == .active)
        }
    }

    @Test("a session that is changed at the same moment and still matches is waited for, and ended", arguments: modes)
    func changed(mode: SessionEnding) async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            let (outcome, handle) = try await end(
                mode,
                fixture,
                while: "roles = '[\"admin\"]', revision = revision + 1"
            )
            #expect(outcome.matched == 1 && outcome.ended == 1 && outcome.isComplete)
            #expect(outcome.handles.count == 1)
            #expect(try await fixture.manager().session(handle)?.state == (mode == .delete ? nil : .revoked))
        }
    }

    @Test("a session that is revoked at the same moment keeps its date and reason")
    func revoked() async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            let change = """
                revoked_at = clock_timestamp(), revoked_reason = 'provider',
                access_token = NULL, refresh_token = NULL, id_token = NULL
                """
            let (outcome, handle) = try await end(.revoke(.revoked), fixture, while: change)
            #expect(outcome == EndedSessions(matched: 1, ended: 0, isComplete: true), "and none is named")
            #expect(try await fixture.manager().session(handle)?.revocation?.reason == "provider")
        }
    }

    @Test("endings, logins, uses and logouts at once end without a deadlock, and nothing that was ended lives")
    func everythingAtOnce() async throws {
        try await StoreFixture.with(connections: 8) { fixture in
            try await fixture.replica(connections: 8) { other in
                var policy = SessionPolicy()
                policy.cleanupPause = .zero
                policy.updateAge = .zero
                let (managers, frozen) = ([fixture.manager(policy), other.manager(policy)], policy)
                var filter = SessionFilter()
                filter.issuer = alice.issuer
                let all = filter
                for _ in 0..<20 {
                    var ids: [SessionID] = []
                    for number in 0..<30 {
                        let user = UserKey(tenantID: "acme", issuer: alice.issuer, subject: "user-\(number % 3)")
                        ids.append(try await managers[0].completeLogin(login(user), replacing: nil).id)
                    }
                    let ended = ids
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for manager in managers {
                            group.addTask {
                                _ = try await manager.endSessions(matching: all, mode: .revoke(.invalidated))
                            }
                            group.addTask { _ = try await manager.endSessions(matching: all, mode: .delete) }
                            group.addTask {
                                let touches = ended.shuffled().map { SessionTouch(id: $0, age: .zero) }
                                _ = try await fixture.store.touch(touches, policy: frozen)
                            }
                            for number in 0..<3 {
                                let user = UserKey(
                                    tenantID: "acme",
                                    issuer: alice.issuer,
                                    subject: "user-\(number)"
                                )
                                group.addTask { _ = try await manager.invalidateUserSessions(user) }
                                group.addTask { _ = try await manager.updateUserRole(user, to: ["r"]) }
                            }
                        }
                        try await group.waitForAll()
                    }
                    #expect(try await managers[1].listSessions(all).sessions.isEmpty)
                }
            }
        }
    }
}

extension StoreFixture {
    /// Waits until so many sessions of this database's server wait for a lock.
    func waitForBlocked(_ count: Int) async throws {
        let waiting = """
            SELECT count(*)::text FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
            """
        try await eventually("\(count) wait for a lock") { try await text(waiting) == "\(count)" }
    }
}
