import PostgresPipeline

extension PostgresSessionStore {
    /// The most sessions that one transaction ends.
    private static let maximumEnding = 1000

    // The oldest first, by the same indexes as pages, from the cursor on. Then locked by primary key, in the order in
    // which touches lock, where each row is judged again: a statement sees rows as they were when it began, waits for
    // those that somebody is changing, and takes the conditions to what has become of them.
    private static func endStatement(_ criteria: SessionCriteria, ending: String) -> PostgresStatement {
        PostgresStatement(
            """
            WITH batch AS MATERIALIZED (
                SELECT id, created_at
                FROM sessions
                WHERE \(criteria.text) AND (created_at, id) > ($5, $1 || 'g')
                ORDER BY created_at, id
                LIMIT $6
            ), locked AS MATERIALIZED (
                SELECT id
                FROM sessions
                WHERE id = ANY (ARRAY (SELECT id FROM batch)) AND \(criteria.text)
                ORDER BY id
                FOR UPDATE
            ), gone AS (
                \(ending)
                WHERE id = ANY (ARRAY (SELECT id FROM locked)) AND \(criteria.text)
                RETURNING id
            ), last AS (
                SELECT id, created_at FROM batch ORDER BY created_at DESC, id DESC LIMIT 1
            )
            SELECT
                (SELECT count(*) FROM batch), (SELECT count(*) FROM gone), (SELECT id FROM last),
                (SELECT created_at FROM last),
                ARRAY (SELECT left(id, 32) FROM gone LIMIT \(EndedSessions.maximumHandles))
            """,
            parameters: criteria.parameters
        )
    }

    static func deleteBatchStatement(_ criteria: SessionCriteria) -> PostgresStatement {
        endStatement(criteria, ending: "DELETE FROM sessions")
    }

    static func revokeBatchStatement(
        _ criteria: inout SessionCriteria,
        reason: SessionEndReason
    ) -> PostgresStatement {
        let parameter = criteria.addParameter(.text, .text(reason.rawValue))
        return endStatement(criteria, ending: "UPDATE sessions \(revocation(reason: parameter))")
    }

    // By the same indexes as pages, every row once.
    static func countStatement(_ criteria: SessionCriteria) -> PostgresStatement {
        PostgresStatement("SELECT count(*) FROM sessions WHERE \(criteria.text)", parameters: criteria.parameters)
    }

    /// See ``SessionStore/endSessions(matching:mode:after:limit:isDryRun:policy:)``.
    public func endSessions(
        matching filter: SessionFilter,
        mode: SessionEnding,
        after: SessionPage.Cursor?,
        limit: Int,
        isDryRun: Bool,
        policy: SessionPolicy
    ) async throws(SessionError) -> EndedBatch {
        let limit = min(max(limit, 1), Self.maximumEnding)
        let createdAt = after.map { PostgresTimestamp(microseconds: $0.createdAt) } ?? .negativeInfinity
        let place = (after?.handle.rawValue ?? "", createdAt)
        var criteria = SessionCriteria(filter, policy: policy)
        if case .revoke = mode { criteria.requireAlive() }
        if isDryRun {
            let values = criteria.values(from: place, limit: limit, policy: policy)
            let count = try await longRead(Self.countStatement(criteria), values).count()
            return EndedBatch(matched: count, ended: 0, next: nil)
        }
        let statement =
            switch mode {
            case .delete: Self.deleteBatchStatement(criteria)
            case .revoke(let reason): Self.revokeBatchStatement(&criteria, reason: reason)
            }
        let values = criteria.values(from: place, limit: limit, policy: policy)
        return try Self.batch(try await longWrite(statement, values), limit: limit)
    }

    private static func batch(_ result: PostgresResult, limit: Int) throws(SessionError) -> EndedBatch {
        guard let row = result.first else { throw SessionError(.failed, "an ending answered nothing") }
        do {
            let matched = Int(try row.int8(0))
            var batch = EndedBatch(matched: matched, ended: Int(try row.int8(1)), next: nil)
            batch.handles = try row.textArray(4).compactMap { $0.flatMap(SessionHandle.init) }
            // A batch that found less than its limit was the last.
            if matched == limit {
                let handle = SessionHandle(rowKey: try row.text(2))
                batch.next = SessionPage.Cursor(createdAt: try row.timestamp(3).microseconds, handle: handle)
            }
            return batch
        } catch {
            throw SessionError(error)
        }
    }
}
