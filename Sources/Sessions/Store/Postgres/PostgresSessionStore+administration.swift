import PostgresPipeline

extension PostgresSessionStore {
    // Reads the whole table; the row of the empty grouping set is the total, and is there for an empty table too.
    private static let statisticsStatement = PostgresStatement(
        """
        WITH judged AS (
            SELECT
                tenant_id, kind, revoked_at IS NOT NULL AS is_revoked,
                session_is_alive(
                    expires_at, last_accessed_at, created_at,
                    $1 * interval '1 microsecond', $2 * interval '1 microsecond'
                ) AS is_alive,
                expires_at > clock_timestamp() AS has_time,
                last_accessed_at < clock_timestamp() - $3 * interval '1 microsecond' AS is_inactive,
                expires_at
            FROM sessions
            WHERE \(SessionRow.isInScope(4)) AND \(SessionRow.isInScope(5))
        )
        SELECT
            tenant_id,
            count(*) FILTER (WHERE kind = 'session'),
            count(*) FILTER (WHERE kind = 'session' AND NOT is_revoked AND is_alive),
            count(*) FILTER (WHERE kind = 'session' AND NOT is_revoked AND NOT is_alive),
            count(*) FILTER (WHERE kind = 'session' AND is_revoked),
            count(*) FILTER (WHERE kind = 'session' AND NOT is_revoked AND is_inactive),
            count(*) FILTER (WHERE kind = 'login' AND has_time),
            clock_timestamp(),
            min(expires_at) FILTER (WHERE kind = 'session' AND NOT is_revoked),
            max(expires_at) FILTER (WHERE kind = 'session' AND NOT is_revoked)
        FROM judged
        GROUP BY GROUPING SETS ((tenant_id), ())
        """,
        parameters: [.int8, .int8, .int8, .text, .text]
    )

    private static let auditStatement = PostgresStatement(
        "INSERT INTO audit_log (action, details) VALUES ($1, $2)",
        parameters: [.text, .jsonb]
    )

    /// See ``SessionStore/statistics(tenantID:policy:)``.
    public func statistics(tenantID: String?, policy: SessionPolicy) async throws(SessionError) -> SessionStatistics {
        let result = try await longRead(
            Self.statisticsStatement,
            [
                .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
                .duration(policy.inactivityTimeout), .text(tenantID), .text(policy.tenantID),
            ]
        )
        var statistics = SessionStatistics()
        do {
            for index in 0..<result.rowCount {
                let row = result[index]
                let active = Int(try row.int8(2))
                if let tenantID = try row.optionalText(0) {
                    if active > 0 { statistics.activeByTenant[tenantID] = active }
                    continue
                }
                statistics.total = Int(try row.int8(1))
                statistics.active = active
                statistics.expired = Int(try row.int8(3))
                statistics.revoked = Int(try row.int8(4))
                statistics.inactive = Int(try row.int8(5))
                statistics.pendingLogins = Int(try row.int8(6))
                statistics.takenAt = try row.timestamp(7).date
                statistics.oldestExpiry = try row.optionalTimestamp(8)?.date
                statistics.newestExpiry = try row.optionalTimestamp(9)?.date
            }
        } catch {
            throw SessionError(error)
        }
        return statistics
    }

    /// See ``SessionStore/audit(_:details:)``.
    public func audit(_ action: AuditAction, details: [String: JSONValue]) async throws(SessionError) {
        _ = try await write(
            Self.auditStatement,
            [.text(action.rawValue), .details(details)]
        )
    }

    /// A statement that may read the whole table: on a connection of its own, so that nothing waits behind it.
    func longRead(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = []
    ) async throws(SessionError) -> PostgresResult {
        try await onConnectionOfItsOwn { connection in try await connection.query(statement, values) }
    }

    /// Somebody who holds a row for longer than this keeps a whole batch, and the touches that wait for it, from going
    /// on: the batch gives its locks back and tries again.
    private static let patience = "SET lock_timeout = '1s'"

    /// The same for one that writes; a deadlock that Postgres resolved at its cost is no reason to fail, nor is a wait.
    func longWrite(
        _ statement: PostgresStatement,
        _ values: [PostgresValue]
    ) async throws(SessionError) -> PostgresResult {
        try await onConnectionOfItsOwn { connection in
            try await connection.execute(script: Self.patience)
            return try await Conflicts.retrying(includingLockTimeouts: true) { () async throws(PostgresError) in
                try await connection.query(statement, values)
            }
        }
    }

    private func onConnectionOfItsOwn(
        _ body: (PostgresConnection) async throws -> PostgresResult
    ) async throws(SessionError) -> PostgresResult {
        do {
            return try await client.withDedicatedConnection(statementTimeout: .seconds(120), body)
        } catch {
            throw SessionError(dedicated: error)
        }
    }
}

extension SessionError {
    /// What a scope on a dedicated connection threw.
    init(dedicated error: any Error) {
        switch error {
        case let error as SessionError: self = error
        case let error as PostgresError: self.init(error)
        case is CancellationError: self.init(.cancelled, "the task was cancelled")
        default: self.init(.failed, "a connection of its own failed", underlying: error)
        }
    }
}
