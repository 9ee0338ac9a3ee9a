import Foundation
import Synchronization
import Testing

@testable import Sessions

@Suite("Each policy is switched, counted and reported; a dry run tells what a run would do")
struct CleaningPolicyTests {
    /// Every kind of row that a policy removes, some of which fall under two policies, and some that stay.
    private static let rows: [(name: String, count: Int, columns: String)] = [
        ("expired", 3, "sub = 'alice', expires_at = now() - interval '1 day'"),
        (
            "expired and inactive", 2,
            "sub = 'alice', expires_at = now() - interval '1 day', last_accessed_at = now() - interval '40 days'"
        ),
        ("expired and orphaned", 2, "sub = 'gone', expires_at = now() - interval '1 day'"),
        ("abandoned", 4, "kind = 'login', sub = NULL, expires_at = now() - interval '1 minute'"),
        ("revoked long ago", 5, "sub = 'alice', revoked_at = now() - interval '31 days', revoked_reason = 'revoked'"),
        ("revoked", 1, "sub = 'alice', revoked_at = now() - interval '29 days', revoked_reason = 'revoked'"),
        ("inactive", 6, "sub = 'bob', last_accessed_at = now() - interval '31 days'"),
        ("inactive and orphaned", 2, "sub = 'gone', last_accessed_at = now() - interval '31 days'"),
        ("orphaned", 7, "sub = 'gone'"),
        ("over the limit", 13, "sub = 'bob'"),
        ("alive", 1, "sub = 'alice'"),
        ("a login under way", 1, "kind = 'login', sub = NULL"),
    ]

    private static func policy(_ change: (inout SessionPolicy) -> Void = { _ in }) throws -> SessionPolicy {
        var policy = SessionPolicy()
        // Alive, however long unused, but for the policy of inactivity.
        policy.idleLifetime = .days(3650)
        policy.absoluteLifetime = .days(3650)
        policy.cleanupPause = .zero
        policy.orphanRule = try OrphanRule(table: "public.users.id")
        change(&policy)
        return policy
    }

    private func with(_ body: (StoreFixture) async throws -> Void) async throws {
        try await StoreFixture.with { fixture in
            try await fixture.execute("CREATE TABLE users (id TEXT PRIMARY KEY)")
            try await fixture.execute("INSERT INTO users VALUES ('alice'), ('bob')")
            for (name, count, columns) in Self.rows {
                try await fixture.execute(
                    """
                    INSERT INTO sessions (id, device_label, sub, created_at, last_accessed_at, expires_at)
                    SELECT
                        encode(sha256(('\(name)' || n)::bytea), 'hex'), '\(name)', 'x', now() - interval '50 days',
                        now(), now() + interval '1 day'
                    FROM generate_series(1, \(count)) AS n
                    """
                )
                try await fixture.execute("UPDATE sessions SET \(columns) WHERE device_label = '\(name)'")
            }
            try await fixture.execute(
                """
                INSERT INTO audit_log (action, created_at)
                SELECT 'LOGIN', now() - make_interval(days => 360 + n) FROM generate_series(1, 9) AS n
                """
            )
            try await fixture.execute(
                """
                INSERT INTO logout_tokens (tenant_id, issuer, jti_digest, sub, issued_at, expires_at)
                SELECT
                    '', 'https://id.example', encode(sha256(n::text::bytea), 'hex'), 'alice', now(),
                    now() + make_interval(hours => n - 6) - interval '1 minute'
                FROM generate_series(1, 10) AS n
                """
            )
            try await body(fixture)
        }
    }

    private static let everything: [String: Int] = [
        "expiredSessions": 7, "abandonedLogins": 4, "revokedSessions": 5, "inactiveSessions": 8, "orphanedSessions": 7,
        "limitedSessions": 3, "logoutTokens": 6, "auditRows": 5,
    ]

    private func counts(_ report: CleanupReport) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: report.counts.map { ($0.name, $0.rows) })
    }

    @Test("a dry run counts what the run then does, policy by policy, and changes nothing")
    func dryRun() async throws {
        try await with { fixture in
            let policy = try Self.policy()
            let manager = fixture.manager(policy)
            let before = try await fixture.dump()
            var request = CleanupRequest(policy: policy)
            request.isDryRun = true
            let counted = try await manager.cleanUp(request)
            #expect(counts(counted) == Self.everything && counted.isDryRun)
            #expect(try await fixture.dump() == before)
            #expect(fixture.log.count("cleaned up") == 0)
            request.isDryRun = false
            let done = try await manager.cleanUp(request)
            #expect(counts(done) == Self.everything)
            #expect(done.deleted == 31)
            let left = try await fixture.texts("SELECT DISTINCT device_label FROM sessions ORDER BY 1").map { $0[0] }
            #expect(left == ["a login under way", "alive", "over the limit", "revoked"])
            #expect(try await fixture.text("SELECT count(*)::text FROM sessions WHERE revoked_at IS NULL") == "12")
            #expect(counts(try await manager.cleanUp(request)).values.allSatisfy { $0 == 0 })
        }
    }

    @Test("each target alone: the dry run's count is the run's", arguments: 0..<8)
    func alone(index: Int) async throws {
        try await with { fixture in
            let policy = try Self.policy()
            var request = CleanupRequest.nothing
            switch index {
            case 0: request.expired = true
            case 1: request.abandonedLogins = true
            case 2: request.revokedOlderThan = .days(30)
            case 3: request.inactiveFor = .days(30)
            case 4: request.orphans = policy.orphanRule
            case 5: request.maximumSessionsPerUser = 10
            case 6: request.logoutTokens = true
            default: request.auditOlderThan = .days(365)
            }
            let total = try #require(try await fixture.text("SELECT count(*)::text FROM sessions").flatMap(Int.init))
            request.isDryRun = true
            let counted = counts(try await fixture.manager(policy).cleanUp(request))
            request.isDryRun = false
            let report = try await fixture.manager(policy).cleanUp(request)
            #expect(counts(report) == counted)
            #expect(counted.values.count { $0 > 0 } == 1, "one kind alone: \(counted)")
            let left = try #require(try await fixture.text("SELECT count(*)::text FROM sessions").flatMap(Int.init))
            #expect(total - left == report.deleted)
        }
    }

    @Test(
        "each switch leaves its rows alone",
        arguments: [
            ("CLEAN_EXPIRED_TOKENS", ["expiredSessions", "abandonedLogins", "revokedSessions", "logoutTokens"]),
            ("CLEAN_INACTIVE_SESSIONS", ["inactiveSessions"]), ("ENFORCE_SESSION_LIMITS", ["limitedSessions"]),
            ("ORPHAN_USERS_TABLE", ["orphanedSessions"]), ("AUDIT_LOG_RETENTION_DAYS", ["auditRows"]),
        ]
    )
    func switches(name: String, kinds: [String]) async throws {
        try await with { fixture in
            let policy = try Self.policy { policy in
                switch name {
                case "CLEAN_EXPIRED_TOKENS": policy.cleanExpiredTokens = false
                case "CLEAN_INACTIVE_SESSIONS": policy.cleanInactiveSessions = false
                case "ENFORCE_SESSION_LIMITS": policy.enforceSessionLimits = false
                case "ORPHAN_USERS_TABLE": policy.orphanRule = nil
                default: policy.auditRetention = nil
                }
            }
            let done = counts(try await fixture.manager(policy).cleanUp())
            for (kind, count) in done {
                #expect((count == 0) == kinds.contains(kind), "\(kind): \(count)")
            }
        }
    }

    @Test("the report, the audit row, the log line and the status tell the same")
    func told() async throws {
        try await with { fixture in
            let manager = fixture.manager(try Self.policy { $0.instanceName = "replica-1" })
            let report = try await manager.cleanUp(by: Requester(.cli, name: "ops"))
            #expect(
                fixture.log.all.filter { $0.hasPrefix("Successfully cleaned up 31 expired/old sessions [") }.count == 1
            )
            let audit = try await fixture.texts(
                """
                SELECT details ->> 'orphanedSessions', details ->> 'auditRows', details ->> 'instance',
                    details -> 'by' ->> 'name', details ->> 'complete', details ->> 'jobs'
                FROM audit_log WHERE action = 'SESSION_CLEANUP'
                """
            )
            #expect(audit == [["7", "5", "replica-1", "ops", "true", #"["daily", "frequent", "weekly"]"#]])
            let status = try await fixture.manager().cleanupStatus()
            let last = try #require(status.lastRun)
            #expect(last.counts == report.counts && last.instance == "replica-1" && status.leader == "replica-1")
            #expect(last.jobs == ["daily", "frequent", "weekly"] && !status.isRunning && status.nextRun == nil)
            #expect(abs(last.duration.inSeconds - report.duration.inSeconds) < 0.002)
            #expect(abs(last.startedAt.timeIntervalSince(report.startedAt)) < 60)
        }
    }

    @Test("a long run tells how far it is, out of how much")
    func progress() async throws {
        try await with { fixture in
            let log = ProgressLog()
            let report = try await fixture.manager(try Self.policy()).cleanUp { log.add($0) }
            #expect(log.all.first?.done == 0 && log.all.last?.done == 45)
            #expect(log.all.allSatisfy { $0.total == 45 } && log.all.last?.report.counts == report.counts)
            #expect(log.all.map(\.done) == log.all.map(\.done).sorted())
        }
    }
}

private final class ProgressLog: Sendable {
    private let entries = Mutex<[CleanupProgress]>([])

    var all: [CleanupProgress] { entries.withLock { $0 } }

    func add(_ progress: CleanupProgress) { entries.withLock { $0.append(progress) } }
}
