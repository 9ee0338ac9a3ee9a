import PostgresPipeline

extension PostgresCleaning {
    // By idx_sessions_revoked_at from the cursor on; the rest as above. Nothing takes a revocation back.
    private static let deleteRevoked = BatchDeletion(parameters: [.timestamptz, .int8, .int8, .text]) { locking in
        """
        WITH batch AS MATERIALIZED (
            SELECT ctid, revoked_at
            FROM sessions
            WHERE revoked_at < now() - $3 * interval '1 microsecond' AND revoked_at >= $1
                AND ($4 IS NULL OR tenant_id = $4)
            ORDER BY revoked_at
            LIMIT $2
            \(locking)
        ), gone AS (
            DELETE FROM sessions
            WHERE ctid = ANY (ARRAY (SELECT ctid FROM batch)) AND revoked_at < now() - $3 * interval '1 microsecond'
            RETURNING kind
        )
        SELECT
            count(*) FILTER (WHERE kind = 'session'), count(*) FILTER (WHERE kind = 'login'),
            (SELECT count(*) FROM batch), (SELECT max(revoked_at) FROM batch)
        FROM gone
        """
    }

    // No index has last_accessed_at (it would make every touch write it): a range of the table's pages, by ctid.
    private static let deleteInactive = BatchDeletion(parameters: [.int8, .int8, .int8, .text]) { locking in
        """
        WITH batch AS MATERIALIZED (
            SELECT ctid
            FROM sessions
            WHERE \(isOnPages(from: "$1", below: "$1 + $2"))
                AND kind = 'session' AND revoked_at IS NULL
                AND last_accessed_at < now() - $3 * interval '1 microsecond' AND ($4 IS NULL OR tenant_id = $4)
            \(locking)
        ), gone AS (
            DELETE FROM sessions
            WHERE ctid = ANY (ARRAY (SELECT ctid FROM batch))
                AND revoked_at IS NULL AND last_accessed_at < clock_timestamp() - $3 * interval '1 microsecond'
            RETURNING kind
        )
        SELECT
            count(*), 0::BIGINT,
            pg_relation_size('sessions') / current_setting('block_size')::BIGINT
        FROM gone
        """
    }

    /// Deletes `$2` rows that nobody else changes, from the cursor, `$1`, on, by an index on a time.
    static func deletion(
        from table: String,
        by time: String,
        where condition: String,
        parameters: [PostgresType]
    ) -> PostgresStatement {
        PostgresStatement(
            """
            WITH batch AS MATERIALIZED (
                SELECT ctid, \(time)
                FROM \(table)
                WHERE \(condition) AND \(time) >= $1
                ORDER BY \(time)
                LIMIT $2
            ), gone AS (
                DELETE FROM \(table)
                WHERE ctid = ANY (ARRAY (SELECT ctid FROM batch))
                RETURNING 1
            )
            SELECT count(*), 0::BIGINT, (SELECT count(*) FROM batch), (SELECT max(\(time)) FROM batch)
            FROM gone
            """,
            parameters: [.timestamptz, .int8] + parameters
        )
    }

    // By idx_audit_log_created_at.
    private static let deleteAuditTrail = deletion(
        from: "audit_log",
        by: "created_at",
        where: """
            created_at < now() - $3 * interval '1 microsecond' AND ($4 IS NULL OR details ->> 'tenantID' = $4)
            """,
        parameters: [.int8, .text]
    )

    func deleteRevoked(
        _ age: Duration,
        after: CleanupCursor?,
        limit: Int,
        _ policy: SessionPolicy
    ) async throws(PostgresError) -> CleanupBatch {
        let result = try await delete(
            Self.deleteRevoked,
            [.timestamp(Self.start(after)), .int8(Int64(limit)), .duration(age), .text(policy.tenantID)]
        )
        return try Self.batch(result, limit: limit)
    }

    func deleteInactive(
        _ time: Duration,
        after: CleanupCursor?,
        limit: Int,
        _ policy: SessionPolicy
    ) async throws(PostgresError) -> CleanupBatch {
        // A page holds about ten rows.
        let pages = Int64(max(limit / 10, 1))
        let first = after?.page ?? 0
        let result = try await delete(
            Self.deleteInactive,
            [.int8(first), .int8(pages), .duration(time), .text(policy.tenantID)]
        )
        guard let row = result.first else { return CleanupBatch(sessions: 0, logins: 0) }
        let isLast = first + pages >= (try row.int8(2))
        return CleanupBatch(
            sessions: Int(try row.int8(0)),
            logins: Int(try row.int8(1)),
            next: isLast ? nil : CleanupCursor(.page(first + pages))
        )
    }

    func deleteAuditTrail(
        _ age: Duration,
        after: CleanupCursor?,
        limit: Int,
        _ policy: SessionPolicy
    ) async throws(PostgresError) -> CleanupBatch {
        let result = try await connection.query(
            Self.deleteAuditTrail,
            [.timestamp(Self.start(after)), .int8(Int64(limit)), .duration(age), .text(policy.tenantID)]
        )
        return try Self.batch(result, limit: limit)
    }

    static func start(_ cursor: CleanupCursor?) -> PostgresTimestamp {
        guard case .time(let microseconds)? = cursor?.place else { return .negativeInfinity }
        return PostgresTimestamp(microseconds: microseconds)
    }

    /// A batch that found less than its limit was the last.
    static func batch(_ result: PostgresResult, limit: Int) throws(PostgresError) -> CleanupBatch {
        guard let row = result.first else { return CleanupBatch(sessions: 0, logins: 0) }
        let isLast = Int(try row.int8(2)) < limit
        let end = try row.optionalTimestamp(3)
        return CleanupBatch(
            sessions: Int(try row.int8(0)),
            logins: Int(try row.int8(1)),
            next: isLast ? nil : end.map { CleanupCursor(.time($0.microseconds)) }
        )
    }
}
