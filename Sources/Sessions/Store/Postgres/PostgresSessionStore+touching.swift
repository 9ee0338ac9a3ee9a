import PostgresPipeline

extension PostgresSessionStore {
    // By primary key, one index lookup for each id; writes the one column that no index has, so that the update is HOT.
    // The bounds of the age only tell the planner that few rows are meant: it would read the whole of a small table.
    // SKIP LOCKED: whoever holds the row is changing or ending it, so that its use needs no writing; and a statement
    // that never waits can't be part of a deadlock with those that end several sessions at once.
    // The last half second of "last seen" is no loss in a crash, and waiting for the disk costs most of the time.
    static let touchStatement = PostgresStatement(
        """
        WITH due AS (
            SELECT s.id, clock_timestamp() - t.age * interval '1 microsecond' AS used_at
            FROM \(UnflushedCommit.setting), unnest($1, $4) AS t (id, age)
            JOIN sessions AS s ON s.id = t.id
            WHERE t.age BETWEEN 0 AND \(Int64.max) AND \(SessionRow.isAliveByID) AND \(SessionRow.isInScope(6))
                AND last_accessed_at
                    <= clock_timestamp() - t.age * interval '1 microsecond' - $5 * interval '1 microsecond'
            FOR NO KEY UPDATE OF s SKIP LOCKED
        )
        UPDATE sessions AS s
        SET last_accessed_at = due.used_at
        FROM due
        WHERE s.id = due.id
        """,
        parameters: [.textArray, .int8, .int8, .int8Array, .int8, .text]
    )

    static func touchValues(_ touches: [SessionTouch], policy: SessionPolicy) -> [PostgresValue] {
        [
            .textArray(touches.map { $0.id.rowKey }), .duration(policy.idleLifetime),
            .duration(policy.absoluteLifetime), .int8Array(touches.map { $0.age.microseconds }),
            .duration(policy.updateAge), .text(policy.tenantID),
        ]
    }

    /// See ``SessionStore/touch(_:policy:)``.
    public func touch(_ touches: [SessionTouch], policy: SessionPolicy) async throws(SessionError) -> Int {
        try await write(Self.touchStatement, Self.touchValues(touches, policy: policy)).affectedRows
    }
}
