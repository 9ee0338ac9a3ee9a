import Foundation
import Patience
import PostgresPipeline
import Synchronization
import Testing

@testable import Sessions

@Suite("Promise 8: whatever the cleaner does, no live session is lost")
struct HarmlessCleaningTests {
    @Test("sessions that are touched while the cleaner looks for inactive ones stay", arguments: 0..<5)
    func touches(round: Int) async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            var policy = SessionPolicy()
            policy.idleLifetime = .days(365)
            policy.absoluteLifetime = .days(3650)
            policy.updateAge = .seconds(60)
            policy.cleanupPause = .zero
            let ids = (0..<2000).map { _ in SessionID() }
            try await fixture.insert(ids, lastAccessed: "6 days", ends: "100 days")
            let frozen = policy
            let store = fixture.store
            let touched = try await withThrowingTaskGroup(of: [SessionID].self) { group in
                group.addTask {
                    var request = CleanupRequest.nothing
                    request.inactiveFor = .days(5)
                    let report = try await fixture.manager(frozen).cleanUp(request)
                    #expect(report.inactiveSessions > 0, "the cleaner did something")
                    return []
                }
                for part in 0..<4 {
                    group.addTask {
                        var kept: [SessionID] = []
                        for index in stride(from: part, to: ids.count, by: 16) {
                            let count = try await store.touch(
                                [SessionTouch(id: ids[index], age: .zero)],
                                policy: frozen
                            )
                            if count == 1 { kept.append(ids[index]) }
                        }
                        return kept
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(!touched.isEmpty)
            let left = Set(try await fixture.texts("SELECT id FROM sessions").compactMap { $0[0] })
            #expect(touched.allSatisfy { left.contains($0.rowKey) }, "what was touched is still there")
            #expect(left.count == touched.count, "and nothing else")
        }
    }

    @Test("sessions that others extend while the cleaner deletes expired ones stay", arguments: [0, 60_000])
    func extensions(live: Int) async throws {
        // Among few live rows the cleaner goes by pages, among many by the index.
        try await StoreFixture.with(connections: 4) { fixture in
            let ids = (0..<(live == 0 ? 4000 : 800)).map { _ in SessionID() }
            try await fixture.execute(
                """
                INSERT INTO sessions (id, expires_at)
                SELECT encode(sha256(n::text::bytea), 'hex'), now() + interval '1 day'
                FROM generate_series(1, \(live)) AS n
                """
            )
            try await fixture.execute("VACUUM ANALYZE sessions")
            try await fixture.insert(ids, lastAccessed: "1 minute", ends: "-1 second")
            let extend = PostgresStatement(
                "UPDATE sessions SET expires_at = now() + interval '1 hour' WHERE id = $1 RETURNING id",
                parameters: [.text]
            )
            let extended = try await withThrowingTaskGroup(of: [String].self) { group in
                group.addTask {
                    let deleted = try await fixture.clean(.expired, limit: 50).reduce(0) { $0 + $1.sessions }
                    #expect(deleted > 0, "the cleaner did something")
                    return []
                }
                for part in 0..<4 {
                    group.addTask {
                        var kept: [String] = []
                        for index in stride(from: part, to: ids.count, by: 16) {
                            let values: [PostgresValue] = [.text(ids[index].rowKey)]
                            kept += try await fixture.client.write(extend, values).decode { try $0.text(0) }
                        }
                        return kept
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(!extended.isEmpty)
            let left = Set(try await fixture.texts("SELECT id FROM sessions").compactMap { $0[0] })
            #expect(Set(extended).isSubset(of: left), "what was extended is still there")
            #expect(left.count == extended.count + live)
        }
    }

    @Test("a row that somebody holds is left to a later run, within a moment, whichever way the cleaner goes")
    func held() async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            try await fixture.insert((0..<300).map { _ in SessionID() }, lastAccessed: "40 days", ends: "-1 second")
            for target in [CleanupTarget.expired, .inactive(.days(30))] {
                if target != .expired {
                    try await fixture.execute("UPDATE sessions SET expires_at = now() + interval '1 day'")
                    try await fixture.insert((0..<9).map { _ in SessionID() }, lastAccessed: "40 days", ends: "1 day")
                }
                let before = try await fixture.subjects().count
                let deleted = try await fixture.client.transaction { transaction in
                    try await transaction.query(PostgresStatement("SELECT 1 FROM sessions LIMIT 1 FOR UPDATE"))
                    return try await fixture.clean(target, limit: 100).reduce(0) { $0 + $1.sessions }
                }
                #expect(deleted == before - 1, "\(target)")
            }
        }
    }

    @Test("a batch that waited for somebody who used its rows judges them again", arguments: ["expired", "inactive"])
    func judgedAgain(kind: String) async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            let ids = (0..<20).map { _ in SessionID() }
            let ends = kind == "expired" ? "-1 second" : "1 day"
            try await fixture.insert(ids, lastAccessed: "40 days", ends: ends)
            let use = PostgresStatement(
                "UPDATE sessions SET expires_at = now() + interval '1 hour', last_accessed_at = now() WHERE id = $1",
                parameters: [.text]
            )
            let batch = try await fixture.client.transaction { transaction in
                try await transaction.query(use, [.text(ids[7].rowKey)])
                // Without the right to clean, and so without its lock_timeout: it waits for as long as it takes.
                let waiting = Task {
                    try await fixture.client.withDedicatedConnection { connection in
                        let target = kind == "expired" ? CleanupTarget.expired : .inactive(.days(30))
                        let cleaning = PostgresCleaning(connection: connection)
                        return try await cleaning.clean(target, after: nil, limit: 100, policy: SessionPolicy())
                    }
                }
                let waiters =
                    "SELECT count(*)::text FROM pg_locks AS held JOIN pg_stat_activity AS activity USING (pid) "
                    + "WHERE NOT held.granted AND activity.datname = current_database()"
                try await eventually("the batch waits") { try await fixture.text(waiters) != "0" }
                return waiting
            }
            #expect(try await batch.value.sessions == 19)
            #expect(try await fixture.texts("SELECT id FROM sessions") == [[ids[7].rowKey]])
        }
    }

    @Test("an expired session that is read, touched or updated stays expired, deleted or not")
    func expired() async throws {
        try await StoreFixture.with { fixture in
            let id = SessionID()
            try await fixture.insert([id], lastAccessed: "1 minute", ends: "-1 second")
            let manager = fixture.manager()
            #expect(try await fixture.store.touch([SessionTouch(id: id, age: .zero)], policy: SessionPolicy()) == 0)
            #expect(try await manager.updateSession(id, SessionUpdate()) == nil)
            #expect(try await manager.cleanUp().expiredSessions == 1)
            #expect(try await manager.getSession(id) == nil)
        }
    }

    @Test("AD-08 a limit of time that is no time still does a batch, says that it is incomplete, and goes on next time")
    func timeLimit() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.insertExpired(12_000)
            var request = CleanupRequest()
            request.timeLimit = .seconds(-1)
            let report = try await fixture.manager().cleanUp(request)
            #expect(report.expiredSessions == 5000 && !report.isComplete)
            #expect(try await fixture.manager().cleanupStatus().lastRun?.isComplete == false)
            request.timeLimit = .seconds(1_000_000_000)
            #expect(try await fixture.manager().cleanUp(request).expiredSessions == 7000)
        }
    }
}

extension StoreFixture {
    fileprivate func insert(_ ids: [SessionID], lastAccessed: String, ends: String) async throws {
        let insert = PostgresStatement(
            """
            INSERT INTO sessions (id, created_at, last_accessed_at, expires_at, sub)
            SELECT id, now() - interval '50 days', now() - $2::interval, now() + $3::interval, 'user-' || left(id, 9)
            FROM unnest(string_to_array($1, ',')) AS id
            """,
            parameters: [.text, .text, .text]
        )
        let list = ids.map(\.rowKey).joined(separator: ",")
        _ = try await client.write(insert, [.text(list), .text(lastAccessed), .text(ends)])
    }
}
