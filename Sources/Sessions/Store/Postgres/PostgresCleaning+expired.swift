import PostgresPipeline

extension PostgresCleaning {
    /// Which kinds of rows that have expired.
    struct ExpiredKinds {
        var sessions = true
        var logins = true
    }

    // Deletes what `batch` found, by ctid, the fastest way to rows that were just read, judging again what was extended
    // meanwhile; counts both kinds, and the batch.
    private static let deleteBatch = """
        gone AS (
            DELETE FROM sessions
            WHERE ctid = ANY (ARRAY (SELECT ctid FROM batch))
                AND revoked_at IS NULL AND expires_at <= clock_timestamp()
            RETURNING kind
        )
        SELECT
            count(*) FILTER (WHERE kind = 'session'), count(*) FILTER (WHERE kind = 'login'),
            (SELECT count(*) FROM batch)
        """

    // By idx_sessions_expires_at from the cursor on: without it, every batch walks over the index entries of the rows
    // that the ones before killed.
    static let deleteExpired = BatchDeletion(parameters: [.timestamptz, .int8, .bool, .bool, .text]) { locking in
        """
        WITH batch AS MATERIALIZED (
            SELECT ctid, expires_at
            FROM sessions
            WHERE revoked_at IS NULL AND expires_at <= now() AND expires_at >= $1
                AND (kind = 'session' AND $3 OR kind = 'login' AND $4) AND ($5 IS NULL OR tenant_id = $5)
            ORDER BY expires_at
            LIMIT $2
            \(locking)
        ), \(deleteBatch), (SELECT max(expires_at) FROM batch)
        FROM gone
        """
    }

    // A range of the table's pages, by ctid, and in that order whatever the planner makes of it: the next batch begins at
    // the last page of this one.
    private static let deleteExpiredByPages = BatchDeletion(
        parameters: [.int8, .int8, .int8, .bool, .bool, .text]
    ) { locking in
        """
        WITH batch AS MATERIALIZED (
            SELECT ctid
            FROM sessions
            WHERE \(isOnPages(from: "$1", below: "$1 + $2"))
                AND revoked_at IS NULL AND expires_at <= now()
                AND (kind = 'session' AND $4 OR kind = 'login' AND $5) AND ($6 IS NULL OR tenant_id = $6)
            ORDER BY ctid
            LIMIT $3
            \(locking)
        ), \(deleteBatch), (SELECT max((ctid::text::point)[0])::BIGINT FROM batch),
            pg_relation_size('sessions') / current_setting('block_size')::BIGINT
        FROM gone
        """
    }

    // By idx_sessions_expires_at, no further than the answer needs.
    private static let isBacklog = PostgresStatement(
        """
        SELECT count(*) >= pg_relation_size('sessions') / current_setting('block_size')::BIGINT / 2
        FROM (
            SELECT
            FROM sessions
            WHERE revoked_at IS NULL AND expires_at <= now()
            LIMIT pg_relation_size('sessions') / current_setting('block_size')::BIGINT / 2
        ) AS expired
        """
    )

    /// By the index, or page by page.
    ///
    /// The order of expiry is no order of the table: each batch by the index changes thousands of pages, and the batches
    /// after it change the same ones again. When there is an expired row for every other page, going through the table
    /// once is less work; a run that is cut off leaves its place to the next.
    func deleteExpired(
        _ kinds: ExpiredKinds,
        after: CleanupCursor?,
        limit: Int,
        _ policy: SessionPolicy
    ) async throws(PostgresError) -> CleanupBatch {
        if case .page(let page)? = after?.place {
            return try await deleteExpired(kinds, fromPage: page, limit: limit, policy)
        }
        let result = try await delete(
            Self.deleteExpired,
            [
                .timestamp(Self.start(after)), .int8(Int64(limit)), .bool(kinds.sessions), .bool(kinds.logins),
                .text(policy.tenantID),
            ]
        )
        var batch = try Self.batch(result, limit: limit)
        let isFirst = CleanupCursor.begins(after)
        if isFirst, batch.next != nil, try await connection.query(Self.isBacklog).first?.bool(0) ?? false {
            batch.next = CleanupCursor(.page(after?.page ?? 0))
        }
        return batch
    }

    private func deleteExpired(
        _ kinds: ExpiredKinds,
        fromPage first: Int64,
        limit: Int,
        _ policy: SessionPolicy
    ) async throws(PostgresError) -> CleanupBatch {
        // A page holds ten to twenty rows.
        let pages = Int64(max(limit / 5, 1))
        let result = try await delete(
            Self.deleteExpiredByPages,
            [
                .int8(first), .int8(pages), .int8(Int64(limit)), .bool(kinds.sessions), .bool(kinds.logins),
                .text(policy.tenantID),
            ]
        )
        guard let row = result.first else { return CleanupBatch(sessions: 0, logins: 0) }
        var batch = CleanupBatch(sessions: Int(try row.int8(0)), logins: Int(try row.int8(1)))
        let isFull = Int(try row.int8(2)) == limit && batch.sessions + batch.logins > 0
        if isFull, let last = try row.optionalInt8(3) {
            // There may be more on the last page.
            batch.next = CleanupCursor(.page(last))
        } else if first + pages < (try row.int8(4)) {
            batch.next = CleanupCursor(.page(first + pages))
        }
        return batch
    }
}
