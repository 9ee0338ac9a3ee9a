import PostgresPipeline

extension PostgresSessionStore {
    // By idx_sessions_user, from the cursor on.
    private static let pageStatement = PostgresStatement(
        """
        SELECT \(SessionRow.identityColumns), id
        FROM sessions
        WHERE (tenant_id, issuer, coalesce(sub, ''), created_at, id) > ($4, $5, $6, $7, $1)
            AND kind = 'session' AND revoked_at IS NULL
        ORDER BY tenant_id, issuer, coalesce(sub, ''), created_at, id
        LIMIT $8
        """,
        parameters: [.text, .int8, .int8, .text, .text, .text, .timestamptz, .int8]
    )

    // By idx_sessions_user, from the cursor on, within the tenant.
    private static let tenantPageStatement = PostgresStatement(
        """
        SELECT \(SessionRow.identityColumns), id
        FROM sessions
        WHERE tenant_id = $4
            AND (issuer, coalesce(sub, ''), created_at, id) > ($5, $6, $7, $1)
            AND kind = 'session' AND revoked_at IS NULL
        ORDER BY issuer, coalesce(sub, ''), created_at, id
        LIMIT $8
        """,
        parameters: [.text, .int8, .int8, .text, .text, .text, .timestamptz, .int8]
    )

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
                last_accessed_at < clock_timestamp() - $3 * interval '1 microsecond' AS is_inactive
            FROM sessions
        )
        SELECT
            tenant_id,
            count(*) FILTER (WHERE kind = 'session'),
            count(*) FILTER (WHERE kind = 'session' AND NOT is_revoked AND is_alive),
            count(*) FILTER (WHERE kind = 'session' AND NOT is_revoked AND NOT is_alive),
            count(*) FILTER (WHERE kind = 'session' AND is_revoked),
            count(*) FILTER (WHERE kind = 'session' AND NOT is_revoked AND is_inactive),
            count(*) FILTER (WHERE kind = 'login' AND has_time),
            clock_timestamp()
        FROM judged
        GROUP BY GROUPING SETS ((tenant_id), ())
        """,
        parameters: [.int8, .int8, .int8]
    )

    private static let auditStatement = PostgresStatement(
        "INSERT INTO audit_log (action, details) VALUES ($1, $2)",
        parameters: [.text, .jsonb]
    )

    /// See ``SessionStore/sessions(tenantID:after:limit:policy:)``.
    public func sessions(
        tenantID: String?,
        after: SessionPage.Cursor?,
        limit: Int,
        policy: SessionPolicy
    ) async throws(SessionError) -> SessionPage {
        // One row more than asked for tells whether there is another page.
        let createdAt = after.map { PostgresTimestamp(microseconds: $0.createdAtMicroseconds) } ?? .negativeInfinity
        let result = try await read(
            tenantID == nil ? Self.pageStatement : Self.tenantPageStatement,
            [
                .text(after?.rowKey ?? ""), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
                .text(tenantID ?? after?.tenantID ?? ""), .text(after?.issuer ?? ""), .text(after?.subject ?? ""),
                .timestamp(createdAt), .int8(Int64(limit) + 1),
            ]
        )
        let sessions = Array(try result.summaries().prefix(limit))
        guard result.rowCount > limit, limit > 0 else { return SessionPage(sessions: sessions, next: nil) }
        return SessionPage(sessions: sessions, next: try Self.cursor(result[limit - 1]))
    }

    private static func cursor(_ row: PostgresRow) throws(SessionError) -> SessionPage.Cursor {
        do {
            return SessionPage.Cursor(
                tenantID: try row.text(0),
                issuer: try row.text(1),
                subject: try row.optionalText(4) ?? "",
                createdAtMicroseconds: try row.timestamp(11).microseconds,
                rowKey: try row.text(16)
            )
        } catch {
            throw SessionError(error)
        }
    }

    /// See ``SessionStore/statistics(policy:)``.
    public func statistics(policy: SessionPolicy) async throws(SessionError) -> SessionStatistics {
        let result = try await longRead(
            Self.statisticsStatement,
            [
                .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
                .duration(policy.inactivityTimeout),
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
            [.text(action.rawValue), .jsonb(JSONValue.object(details).serialized())]
        )
    }

    /// A statement that reads the whole table: on a connection of its own, so that nothing waits behind it.
    func longRead(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = []
    ) async throws(SessionError) -> PostgresResult {
        do {
            return try await client.withDedicatedConnection(statementTimeout: .seconds(120)) { connection in
                try await connection.query(statement, values)
            }
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
