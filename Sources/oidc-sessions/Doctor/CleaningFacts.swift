import Foundation
import PostgresPipeline
import Sessions

/// When the cleaner last did what.
struct CleaningFacts: Sendable {
    var lastRun: Date?
    var lastFailure: (date: Date, code: String)?
    /// Rows that have been over for more than a day, counted up to ten thousand and one.
    var backlog: Int
    var now: Date

    // By idx_audit_log_created_at or the cleaner's own, newest first; the backlog by idx_sessions_expires_at. A run that was
    // asked for other rows says nothing about those that wait: one counts that went through expired sessions, or did a
    // schedule's work, or is of a program that didn't say.
    private static let statement = PostgresStatement(
        """
        SELECT
            (
                SELECT max(created_at)
                FROM audit_log
                WHERE action = 'SESSION_CLEANUP'
                    AND (
                        NOT details ? 'targets' OR details -> 'targets' ? 'expiredSessions'
                        OR details -> 'jobs' <> '[]'
                    )
            ),
            e.created_at, coalesce(e.details ->> 'error', 'unknown'),
            (
                SELECT count(*) FROM (
                    SELECT FROM sessions
                    WHERE revoked_at IS NULL AND expires_at < clock_timestamp() - interval '1 day'
                    LIMIT 10001
                ) AS late
            ),
            clock_timestamp()
        FROM (VALUES (1)) AS one
        LEFT JOIN LATERAL (
            SELECT created_at, details
            FROM audit_log
            WHERE action = 'SESSION_CLEANUP_ERROR'
            ORDER BY created_at DESC
            LIMIT 1
        ) AS e ON true
        """
    )

    static func read(_ client: PostgresClient) async throws -> CleaningFacts {
        guard let row = try await client.read(statement).first else { throw ProgramError("the server sent no row") }
        let code = try row.text(2)
        return CleaningFacts(
            lastRun: try row.optionalTimestamp(0)?.date,
            lastFailure: try row.optionalTimestamp(1).map { (date: $0.date, code: code) },
            backlog: Int(try row.int8(3)),
            now: try row.timestamp(4).date
        )
    }

    func finding(policy: SessionPolicy) -> Finding {
        let late = backlog > 10_000 ? "more than 10000" : "\(backlog)"
        let hint =
            policy.automaticCleanup
            ? "see that serve runs and what it logs"
            : "AUTOMATIC_SESSION_CLEANUP is false: see that oidc-sessions cleanup is scheduled"
        guard let lastRun else {
            return backlog == 0
                ? .ok("cleaner", "has not run yet, and nothing waits for it")
                : .warn("cleaner", "has never run, and \(late) rows have been over for more than a day: \(hint)")
        }
        let age = RelativeTime.text(from: lastRun, to: now)
        if let lastFailure, lastFailure.date > lastRun {
            return .warn(
                "cleaner",
                "its last run failed (\(lastFailure.code)), the last that ended well was \(age): \(hint)"
            )
        }
        let patience = policy.automaticCleanup ? max(policy.cleanupInterval * 3, .seconds(3600)) : .seconds(2 * 86_400)
        if now.timeIntervalSince(lastRun) > Double(patience.components.seconds) {
            return .warn("cleaner", "last ran \(age), and \(late) rows have been over for more than a day: \(hint)")
        }
        if backlog > 10_000 {
            return .warn(
                "cleaner",
                "last ran \(age), and \(late) rows have been over for more than a day: clean more often"
            )
        }
        return .ok("cleaner", "last ran \(age)")
    }
}
