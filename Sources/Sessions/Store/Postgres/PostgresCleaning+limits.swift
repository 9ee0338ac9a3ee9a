import PostgresPipeline

extension PostgresCleaning {
    // Reads idx_sessions_user in its order.
    private static let usersOverLimit = """
        SELECT tenant_id, issuer, sub, count(*) - $1 AS excess
        FROM sessions
        WHERE sub IS NOT NULL AND \(SessionRow.isAlive) AND ($5 IS NULL OR tenant_id = $5)
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
                        tenant_id, issuer, sub, $1::INT, $2 * interval '1 microsecond', $3 * interval '1 microsecond',
                        '{"by": {"surface": "cleaner"}}'
                    )
                ),
                0
            )::BIGINT,
            count(*)
        FROM users
        """,
        parameters: [.int8, .int8, .int8, .int8, .text]
    )

    // As above, without what other targets would have removed before.
    private static func counting(after orphans: OrphanRule?) -> PostgresStatement {
        let others = orphans.map { "AND NOT (\($0.predicate(first: 6)))" } ?? ""
        return PostgresStatement(
            """
            SELECT coalesce(sum(excess), 0)::BIGINT, 0::BIGINT
            FROM (
                SELECT count(*) - $1 AS excess
                FROM sessions
                WHERE sub IS NOT NULL AND \(SessionRow.isAlive) AND ($5 IS NULL OR tenant_id = $5)
                    AND ($4 IS NULL OR last_accessed_at >= now() - $4 * interval '1 microsecond')
                    \(others)
                GROUP BY tenant_id, issuer, sub
                HAVING count(*) > $1
            ) AS users
            """,
            parameters: [.int8, .int8, .int8, .int8, .text] + (orphans == nil ? [] : OrphanRule.types)
        )
    }

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
                .int8(Int64(users)), .text(policy.tenantID),
            ]
        )
        guard let row = result.first else { return CleanupBatch(sessions: 0, logins: 0) }
        let revoked = Int(try row.int8(0))
        let isLast = Int(try row.int8(1)) < users || revoked == 0
        return CleanupBatch(sessions: revoked, logins: 0, next: isLast ? nil : CleanupCursor(.again))
    }

    func countOverLimit(
        _ maximum: Int,
        after earlier: EarlierTargets,
        _ policy: SessionPolicy
    ) async throws(PostgresError) -> CleanupBatch {
        var values: [PostgresValue] = [
            .int8(Int64(maximum)), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
            .int8(earlier.inactive?.microseconds), .text(policy.tenantID),
        ]
        if let rule = earlier.orphans { values += rule.values(policy) }
        return try await count(Self.counting(after: earlier.orphans), values)
    }
}
