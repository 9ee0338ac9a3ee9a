import Foundation
import Patience
import PostgresPipeline
import Synchronization
import Testing

@testable import Sessions

@Suite("Promise 8: the cleaner is harmless")
struct CleaningTests {
    @Test("a session that is extended while the cleaner runs is never deleted")
    func extendedMeanwhile() async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            try await fixture.insertExpired(20_000)
            let extend = PostgresStatement(
                """
                UPDATE sessions SET expires_at = now() + interval '1 hour'
                WHERE id = ANY (
                    ARRAY (
                        SELECT id FROM sessions WHERE expires_at < now()
                        ORDER BY expires_at OFFSET floor(random() * 400) LIMIT 5
                        FOR UPDATE SKIP LOCKED
                    )
                )
                RETURNING id
                """
            )
            let cleaning = Progress()
            let extended = try await withThrowingTaskGroup(of: [String].self) { group in
                group.addTask {
                    var deleted = 0
                    for _ in 0..<10 {
                        deleted += try await fixture.clean(.expired, limit: 200).reduce(0) { $0 + $1.sessions }
                    }
                    cleaning.end()
                    #expect(deleted > 1000, "the cleaner did something: \(deleted)")
                    return []
                }
                for _ in 0..<2 {
                    group.addTask {
                        var ids: [String] = []
                        while !cleaning.isOver {
                            ids += try await fixture.client.write(extend, []).decode { try $0.text(0) }
                        }
                        return ids
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let left = Set(try await fixture.texts("SELECT id FROM sessions").compactMap { $0[0] })
            #expect(extended.count > 100, "the others did something: \(extended.count)")
            #expect(Set(extended).subtracting(left).isEmpty, "what was extended is still there")
        }
    }

    @Test("a session that is locked by somebody is left to a later run, and nobody is waited for")
    func skipsLocked() async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            try await fixture.insertExpired(10)
            let first = try await fixture.client.transaction { transaction in
                try await transaction.query(PostgresStatement("SELECT 1 FROM sessions ORDER BY id LIMIT 1 FOR UPDATE"))
                return try await fixture.clean(.expired).reduce(0) { $0 + $1.sessions }
            }
            #expect(first == 9)
            #expect(try await fixture.clean(.expired).reduce(0) { $0 + $1.sessions } == 1)
        }
    }

    @Test("a run of some kinds of rows only says so in its row of the audit trail")
    func targets() async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            var request = CleanupRequest.nothing
            request.revokedOlderThan = .days(30)
            request.logoutTokens = true
            #expect(try await manager.cleanUp(request).targets == ["revokedSessions", "logoutTokens"])
            #expect(try await manager.cleanupStatus().lastRun?.targets == ["revokedSessions", "logoutTokens"])
            try await manager.cleanUp()
            let whole = try #require(try await manager.cleanupStatus().lastRun)
            #expect(
                whole.targets == [
                    "expiredSessions", "abandonedLogins", "revokedSessions", "inactiveSessions", "limitedSessions",
                    "logoutTokens", "auditRows",
                ]
            )
            #expect(Set(whole.targets).isSubset(of: Set(whole.counts.map(\.name))))
            let query =
                "SELECT (details -> 'targets' ? 'expiredSessions')::text FROM audit_log WHERE action = 'SESSION_CLEANUP'"
            #expect(Set(try await fixture.texts("\(query) AND details -> 'jobs' = '[]'").map { $0[0] }) == ["false"])
            #expect(try await fixture.texts("\(query) AND details -> 'jobs' <> '[]'").map { $0[0] } == ["true"])
        }
    }

    @Test("what a tenant's cleaner reads of the audit trail ends after nine days, however much of others' is there")
    func record() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.execute(
                """
                INSERT INTO audit_log (action, created_at, details)
                SELECT 'SESSION_CLEANUP', now() - days * interval '1 day', jsonb_build_object(
                    'tenantID', tenant, 'jobs', '[]'::jsonb, 'passes', jsonb_build_object('expired', days)
                )
                FROM (VALUES ('near', 8), ('far', 10), ('other', 1), (NULL, 2)) AS row (tenant, days)
                """
            )
            func passes(_ tenant: String) async throws -> [String: Int64] {
                var policy = SessionPolicy()
                policy.tenantID = tenant
                return try await fixture.store.cleaningRecord(policy: policy).passes
            }
            #expect(try await passes("near") == ["expired": 8])
            #expect(try await passes("far") == [:])
        }
    }

    @Test("of two replicas' cleaners one runs; together they remove everything once")
    func twoCleaners() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.replica { other in
                var policy = SessionPolicy()
                policy.cleanupPause = .zero
                let managers = [fixture.manager(policy), other.manager(policy)]
                let skipped = try await fixture.store.withExclusiveCleaning { _ async throws(SessionError) in
                    try await managers[1].cleanUp()
                }
                #expect(skipped?.didRun == false)
                for _ in 0..<10 {
                    try await fixture.insertExpired(500)
                    let reports = try await withThrowingTaskGroup(of: CleanupReport.self) { group in
                        for manager in managers { group.addTask { try await manager.cleanUp() } }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(reports.map(\.deleted).reduce(0, +) == 500)
                    #expect(reports.contains { $0.didRun })
                }
            }
        }
    }

    @Test("a backlog is drained in batches, reported in the log and in the audit trail")
    func backlog() async throws {
        try await StoreFixture.with { fixture in
            var policy = SessionPolicy()
            policy.cleanupPause = .zero
            try await fixture.insertExpired(12_000)
            _ = try await fixture.manager().completeLogin(login(), replacing: nil)
            let report = try await fixture.manager(policy).cleanUp()
            #expect(report.expiredSessions == 12_000 && report.isComplete)
            #expect(fixture.log.count("Successfully cleaned up 12000 expired/old sessions") == 1)
            let audit = "SELECT details ->> 'expiredSessions' FROM audit_log WHERE action = 'SESSION_CLEANUP'"
            #expect(try await fixture.text(audit) == "12000")
            #expect(try await fixture.manager().getUserSessions(alice).count == 1)
        }
    }

    @Test("rows that end at the same moment are all removed, in batches smaller than their number")
    func sameMoment() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.insertExpired(100, endingTogether: true)
            let batches = try await fixture.clean(.expired, limit: 7)
            #expect(batches.map(\.sessions).reduce(0, +) == 100)
            #expect(batches.allSatisfy { $0.sessions <= 7 })
        }
    }

    @Test("RB-25 a cleaner that loses its connection loses its lock, stops, and another goes on where it was")
    func lostConnection() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.insertExpired(100)
            let error = await #expect(throws: SessionError.self) {
                _ = try await fixture.store.withExclusiveCleaning { cleaning async throws(SessionError) in
                    let first = try await cleaning.clean(
                        .expired,
                        after: nil,
                        limit: 40,
                        policy: SessionPolicy()
                    )
                    do {
                        try await fixture.execute(
                            """
                            SELECT pg_terminate_backend(pid) FROM pg_locks
                            WHERE locktype = 'advisory' AND database = (
                                SELECT oid FROM pg_database WHERE datname = current_database()
                            )
                            """
                        )
                    } catch {
                        throw SessionError(.failed, "no termination: \(error)")
                    }
                    _ = try await cleaning.clean(
                        .expired,
                        after: first.next,
                        limit: 40,
                        policy: SessionPolicy()
                    )
                }
            }
            #expect(error?.isTransient == true, "\(String(describing: error))")
            #expect(try await fixture.text("SELECT count(*)::text FROM sessions") == "60")
            // Whoever was terminated says so before its locks go.
            let held = """
                SELECT count(*)::text FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
                WHERE l.locktype = 'advisory' AND d.datname = current_database()
                """
            try await eventually("no lock is held") { try await fixture.text(held) == "0" }
            #expect(try await fixture.manager().cleanUp().expiredSessions == 60)
        }
    }

    @Test("inactive sessions are found on every page of the table")
    func inactive() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.execute(
                """
                INSERT INTO sessions (id, created_at, last_accessed_at, expires_at, sub)
                SELECT
                    encode(sha256(n::text::bytea), 'hex'), now() - interval '20 days',
                    now() - CASE WHEN n % 3 = 0 THEN interval '6 days' ELSE interval '1 minute' END,
                    now() + interval '3 days', 'user-' || n
                FROM generate_series(1, 3000) AS n
                """
            )
            let batches = try await fixture.clean(.inactive(.seconds(5 * 86_400)), limit: 100)
            #expect(batches.count > 3, "it took several batches: \(batches.count)")
            #expect(batches.map(\.sessions).reduce(0, +) == 1000)
            #expect(try await fixture.text("SELECT count(*)::text FROM sessions") == "2000")
        }
    }
}

extension StoreFixture {
    func insertExpired(_ count: Int, endingTogether: Bool = false) async throws {
        try await execute(
            """
            INSERT INTO sessions (id, created_at, last_accessed_at, expires_at)
            SELECT
                encode(sha256((n::text || random()::text)::bytea), 'hex'), now() - interval '9 days',
                now() - interval '9 days',
                now() - interval '1 second' * \(endingTogether ? "1" : "n")
            FROM generate_series(1, \(count)) AS n
            """
        )
    }

    func clean(_ target: CleanupTarget, limit: Int = 1000) async throws -> [CleanupBatch] {
        let policy = SessionPolicy()
        let batches = try await store.withExclusiveCleaning { cleaning async throws(SessionError) -> [CleanupBatch] in
            var batches: [CleanupBatch] = []
            var cursor: CleanupCursor?
            repeat {
                let batch = try await cleaning.clean(
                    target,
                    after: cursor,
                    limit: limit,
                    policy: policy
                )
                batches.append(batch)
                cursor = batch.next
            } while cursor != nil
            return batches
        }
        return try #require(batches)
    }
}

/// Whether something is over, for those who go on until then.
private final class Progress: Sendable {
    private let done = Atomic(false)

    var isOver: Bool { done.load(ordering: .acquiring) }

    func end() { done.store(true, ordering: .releasing) }
}
