import PostgresPipeline

/// The right to clean, on the connection that holds the lock.
struct PostgresCleaning: SessionCleaning {
    let connection: PostgresConnection

    func clean(
        _ target: CleanupTarget,
        after: CleanupCursor?,
        limit: Int,
        isDryRun: Bool,
        policy: SessionPolicy
    ) async throws(SessionError) -> CleanupBatch {
        do {
            switch (target, isDryRun) {
            case (.expired, false): return try await deleteExpired(after: after, limit: limit)
            case (.expired, true): return try await count(Self.countExpired)
            case (.revoked(let age), false): return try await deleteRevoked(age, after: after, limit: limit)
            case (.revoked(let age), true): return try await count(Self.countRevoked, [.duration(age)])
            case (.inactive(let time), false): return try await deleteInactive(time, after: after, limit: limit)
            case (.inactive(let time), true): return try await count(Self.countInactive, [.duration(time)])
            case (.overLimit(let maximum), false): return try await enforceLimits(maximum, limit: limit, policy)
            case (.overLimit(let maximum), true): return try await countOverLimit(maximum, policy)
            }
        } catch {
            throw SessionError(error)
        }
    }

    // By idx_sessions_expires_at, reading only it.
    private static let countExpired = PostgresStatement(
        """
        SELECT count(*) FILTER (WHERE kind = 'session'), count(*) FILTER (WHERE kind = 'login')
        FROM sessions
        WHERE revoked_at IS NULL AND expires_at <= now()
        """
    )

    // By idx_sessions_revoked_at.
    private static let countRevoked = PostgresStatement(
        """
        SELECT count(*), 0::BIGINT
        FROM sessions
        WHERE revoked_at < now() - $1 * interval '1 microsecond'
        """,
        parameters: [.int8]
    )

    // Reads the whole table.
    private static let countInactive = PostgresStatement(
        """
        SELECT count(*), 0::BIGINT
        FROM sessions
        WHERE kind = 'session' AND revoked_at IS NULL AND last_accessed_at < now() - $1 * interval '1 microsecond'
        """,
        parameters: [.int8]
    )

    private func count(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = []
    ) async throws(PostgresError) -> CleanupBatch {
        let result = try await connection.query(statement, values)
        guard let row = result.first else { return CleanupBatch(sessions: 0, logins: 0, next: nil) }
        return CleanupBatch(sessions: Int(try row.int8(0)), logins: Int(try row.int8(1)), next: nil)
    }
}
