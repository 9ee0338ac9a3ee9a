import PostgresPipeline

extension PostgresCleaning {
    // By idx_logout_tokens_expires_at.
    static let countLogoutTokens = PostgresStatement(
        """
        SELECT count(*), 0::BIGINT
        FROM logout_tokens
        WHERE expires_at <= now() AND ($1 IS NULL OR tenant_id = $1)
        """,
        parameters: [.text]
    )

    // By idx_logout_tokens_expires_at from the cursor on. Nobody else changes these rows.
    private static let deleteLogoutTokens = PostgresStatement(
        """
        WITH batch AS MATERIALIZED (
            SELECT ctid, expires_at
            FROM logout_tokens
            WHERE expires_at <= now() AND expires_at >= $1 AND ($3 IS NULL OR tenant_id = $3)
            ORDER BY expires_at
            LIMIT $2
        ), gone AS (
            DELETE FROM logout_tokens
            WHERE ctid = ANY (ARRAY (SELECT ctid FROM batch))
            RETURNING 1
        )
        SELECT count(*), 0::BIGINT, (SELECT count(*) FROM batch), (SELECT max(expires_at) FROM batch)
        FROM gone
        """,
        parameters: [.timestamptz, .int8, .text]
    )

    func deleteLogoutTokens(
        after: CleanupCursor?,
        limit: Int,
        _ policy: SessionPolicy
    ) async throws(PostgresError) -> CleanupBatch {
        let result = try await connection.query(
            Self.deleteLogoutTokens,
            [.timestamp(Self.start(after)), .int8(Int64(limit)), .text(policy.tenantID)]
        )
        return try Self.batch(result, limit: limit)
    }
}
