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

    // By idx_logout_tokens_expires_at.
    private static let deleteLogoutTokens = deletion(
        from: "logout_tokens",
        by: "expires_at",
        where: "expires_at <= now() AND ($3 IS NULL OR tenant_id = $3)",
        parameters: [.text]
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
