import PostgresPipeline

extension PostgresCleaning {
    // Reads idx_sessions_user in its order.
    private static let usersOverLimit = """
        SELECT tenant_id, issuer, sub, count(*) - $1 AS excess
        FROM sessions
        WHERE sub IS NOT NULL AND \(SessionRow.isAlive)
        GROUP BY tenant_id, issuer, sub
        HAVING count(*) > $1
        """

    // Nobody logs in while their own excess is revoked, hence a function that locks the user; one transaction, whose
    // locks are few: the limit of users with too many sessions was lowered, or somebody wrote to the table.
    private static let enforceLimits = PostgresStatement(
        """
        WITH users AS MATERIALIZED (
            \(usersOverLimit)
            ORDER BY tenant_id, issuer, sub
            LIMIT $4
        )
        SELECT
            coalesce(
                sum(
                    session_enforce_limit(
                        tenant_id, issuer, sub, $1::INT, $2 * interval '1 microsecond', $3 * interval '1 microsecond'
                    )
                ),
                0
            )::BIGINT,
            count(*)
        FROM users
        """,
        parameters: [.int8, .int8, .int8, .int8]
    )

    private static let countOverLimit = PostgresStatement(
        "SELECT coalesce(sum(excess), 0)::BIGINT, 0::BIGINT FROM (\(usersOverLimit)) AS users",
        parameters: [.int8, .int8, .int8]
    )

    /// Users are found anew for each batch: those of the batch before are within the limit now.
    func enforceLimits(
        _ maximum: Int,
        limit: Int,
        _ policy: SessionPolicy
    ) async throws(PostgresError) -> CleanupBatch {
        let users = min(limit, 100)
        let result = try await connection.query(
            Self.enforceLimits,
            [
                .int8(Int64(maximum)), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
                .int8(Int64(users)),
            ]
        )
        guard let row = result.first else { return CleanupBatch(sessions: 0, logins: 0, next: nil) }
        let revoked = Int(try row.int8(0))
        let isLast = Int(try row.int8(1)) < users || revoked == 0
        return CleanupBatch(sessions: revoked, logins: 0, next: isLast ? nil : CleanupCursor(position: 0))
    }

    func countOverLimit(_ maximum: Int, _ policy: SessionPolicy) async throws(PostgresError) -> CleanupBatch {
        let result = try await connection.query(
            Self.countOverLimit,
            [.int8(Int64(maximum)), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime)]
        )
        guard let row = result.first else { return CleanupBatch(sessions: 0, logins: 0, next: nil) }
        return CleanupBatch(sessions: Int(try row.int8(0)), logins: 0, next: nil)
    }
}
