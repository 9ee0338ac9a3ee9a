import PostgresPipeline

extension PostgresCleaning {
    /// Pages of a batch: one look at the users serves many rows of sessions.
    private static let pagesOfABatch: Int64 = 20_000

    // A range of the table's pages, by ctid: a batch that is full is followed by another one of the same range. The
    // rule is part of the statement, as configured; a user who came meanwhile is found by it.
    private static func deletion(_ rule: OrphanRule) -> PostgresStatement {
        PostgresStatement(
            """
            WITH batch AS MATERIALIZED (
                SELECT ctid
                FROM sessions
                WHERE \(isOnPages(from: "$1", below: "$1 + $2"))
                    AND \(rule.predicate(first: 4))
                LIMIT $3
                FOR UPDATE OF sessions SKIP LOCKED
            ), gone AS (
                DELETE FROM sessions
                WHERE ctid = ANY (ARRAY (SELECT ctid FROM batch))
                    AND \(rule.predicate(first: 4))
                RETURNING kind
            )
            SELECT
                count(*), (SELECT count(*) FROM batch),
                pg_relation_size('sessions') / current_setting('block_size')::BIGINT
            FROM gone
            """,
            parameters: [.int8, .int8, .int8] + OrphanRule.types
        )
    }

    // Reads the whole table.
    private static func counting(_ rule: OrphanRule) -> PostgresStatement {
        PostgresStatement(
            """
            SELECT count(*), 0::BIGINT
            FROM sessions
            WHERE \(rule.predicate(first: 3))
                AND (expires_at > now() OR NOT $1)
                AND ($2 IS NULL OR last_accessed_at >= now() - $2 * interval '1 microsecond')
            """,
            parameters: [.bool, .int8] + OrphanRule.types
        )
    }

    func deleteOrphans(
        _ rule: OrphanRule,
        after: CleanupCursor?,
        limit: Int,
        _ policy: SessionPolicy
    ) async throws(PostgresError) -> CleanupBatch {
        let first = after?.page ?? 0
        let result = try await connection.query(
            Self.deletion(rule),
            [.int8(first), .int8(Self.pagesOfABatch), .int8(Int64(limit))] + rule.values(policy)
        )
        guard let row = result.first else { return CleanupBatch(sessions: 0, logins: 0) }
        let (deleted, found, pages) = (try row.int8(0), try row.int8(1), try row.int8(2))
        if found == Int64(limit), deleted > 0 {
            return CleanupBatch(sessions: Int(deleted), logins: 0, next: CleanupCursor(.page(first)))
        }
        let end = first + Self.pagesOfABatch
        return CleanupBatch(sessions: Int(deleted), logins: 0, next: end >= pages ? nil : CleanupCursor(.page(end)))
    }

    func countOrphans(
        _ rule: OrphanRule,
        after earlier: EarlierTargets,
        _ policy: SessionPolicy
    ) async throws(PostgresError) -> CleanupBatch {
        try await count(
            Self.counting(rule),
            [.bool(earlier.expiredSessions), .int8(earlier.inactive?.microseconds)] + rule.values(policy)
        )
    }

    /// Refuses a rule that can't be applied, knows nobody, or too few.
    func check(_ rule: OrphanRule, _ policy: SessionPolicy) async throws(SessionError) {
        let knowsSomebody: Bool
        let (users, unknown): (Int, Int)
        do {
            knowsSomebody = try await connection.query(PostgresStatement(rule.someUser)).first?.bool(0) ?? false
            let balance = PostgresStatement(rule.balance(first: 1), parameters: OrphanRule.types)
            let row = try await connection.query(balance, rule.values(policy)).first
            (users, unknown) = (Int(try row?.int8(0) ?? 0), Int(try row?.int8(1) ?? 0))
        } catch {
            guard let state = error.sqlState, Self.ruleFailures.contains(String(state.prefix(2))) else {
                throw SessionError(error)
            }
            throw SessionError(
                .invalidInput,
                "orphans are left alone: \(rule.name) can't be read: \(error.message)",
                underlying: error
            )
        }
        guard knowsSomebody else {
            throw SessionError(
                .invalidInput,
                "orphans are left alone: \(rule.name) knows no user at all, so that all sessions would go"
            )
        }
        if let objection = rule.objection(users: users, unknown: unknown) {
            throw SessionError(.invalidInput, "orphans are left alone: \(objection)")
        }
    }

    /// Syntax, names and privileges; values; and what isn't allowed inside of a SELECT.
    private static let ruleFailures = ["42", "22", "0A"]
}
