import PostgresPipeline

extension PostgresCleaning {
    // By idx_sessions_expires_at.
    private static let countExpired = PostgresStatement(
        """
        SELECT count(*) FILTER (WHERE kind = 'session' AND $1), count(*) FILTER (WHERE kind = 'login' AND $2)
        FROM sessions
        WHERE revoked_at IS NULL AND expires_at <= now() AND ($3 IS NULL OR tenant_id = $3)
        """,
        parameters: [.bool, .bool, .text]
    )

    // By idx_sessions_revoked_at.
    private static let countRevoked = PostgresStatement(
        """
        SELECT count(*), 0::BIGINT
        FROM sessions
        WHERE revoked_at < now() - $1 * interval '1 microsecond' AND ($2 IS NULL OR tenant_id = $2)
        """,
        parameters: [.int8, .text]
    )

    // Reads the whole table.
    private static let countInactive = PostgresStatement(
        """
        SELECT count(*), 0::BIGINT
        FROM sessions
        WHERE kind = 'session' AND revoked_at IS NULL AND last_accessed_at < now() - $1 * interval '1 microsecond'
            AND (expires_at > now() OR NOT $2) AND ($3 IS NULL OR tenant_id = $3)
        """,
        parameters: [.int8, .bool, .text]
    )

    // By idx_audit_log_created_at.
    private static let countAuditTrail = PostgresStatement(
        """
        SELECT count(*), 0::BIGINT
        FROM audit_log
        WHERE created_at < now() - $1 * interval '1 microsecond' AND ($2 IS NULL OR details ->> 'tenantID' = $2)
        """,
        parameters: [.int8, .text]
    )

    func countExpired(_ kinds: ExpiredKinds, _ policy: SessionPolicy) async throws(PostgresError) -> CleanupBatch {
        try await count(Self.countExpired, [.bool(kinds.sessions), .bool(kinds.logins), .text(policy.tenantID)])
    }

    func countRevoked(_ age: Duration, _ policy: SessionPolicy) async throws(PostgresError) -> CleanupBatch {
        try await count(Self.countRevoked, [.duration(age), .text(policy.tenantID)])
    }

    func countInactive(
        _ time: Duration,
        after earlier: EarlierTargets,
        _ policy: SessionPolicy
    ) async throws(PostgresError) -> CleanupBatch {
        try await count(
            Self.countInactive,
            [.duration(time), .bool(earlier.expiredSessions), .text(policy.tenantID)]
        )
    }

    func countAuditTrail(_ age: Duration, _ policy: SessionPolicy) async throws(PostgresError) -> CleanupBatch {
        try await count(Self.countAuditTrail, [.duration(age), .text(policy.tenantID)])
    }

    func count(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = []
    ) async throws(PostgresError) -> CleanupBatch {
        let result = try await connection.query(statement, values)
        guard let row = result.first else { return CleanupBatch(sessions: 0, logins: 0) }
        return CleanupBatch(sessions: Int(try row.int8(0)), logins: Int(try row.int8(1)))
    }
}
