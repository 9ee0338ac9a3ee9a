import PostgresPipeline

/// How the table `sessions` is kept.
struct TableFacts: Sendable {
    var isAutovacuumOn: Bool
    var liveRows: Int
    var deadRows: Int
    var bytes: Int
    /// Of the oldest transaction of this database, which holds back every vacuum.
    var oldestTransactionSeconds: Int

    // One row of pg_class and its statistics; pg_stat_activity has a row for each connection.
    private static let statement = PostgresStatement(
        """
        SELECT
            current_setting('autovacuum') = 'on' AND NOT EXISTS (
                SELECT FROM pg_options_to_table(c.reloptions)
                WHERE option_name = 'autovacuum_enabled' AND NOT option_value::boolean
            ),
            coalesce(s.n_live_tup, 0), coalesce(s.n_dead_tup, 0), pg_total_relation_size(c.oid),
            coalesce((
                SELECT extract(epoch FROM clock_timestamp() - min(xact_start))::bigint
                FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
            ), 0)
        FROM pg_class AS c
        LEFT JOIN pg_stat_all_tables AS s ON s.relid = c.oid
        WHERE c.oid = 'sessions'::regclass
        """
    )

    static func read(_ client: PostgresClient) async throws -> TableFacts {
        guard let row = try await client.read(statement).first else { throw ProgramError("there is no table sessions") }
        return TableFacts(
            isAutovacuumOn: try row.bool(0),
            liveRows: Int(try row.int8(1)),
            deadRows: Int(try row.int8(2)),
            bytes: Int(try row.int8(3)),
            oldestTransactionSeconds: Int(try row.int8(4))
        )
    }

    var finding: Finding {
        let size = "\(liveRows) rows, \(deadRows) dead, \((bytes + 524_288) / 1_048_576) MiB"
        if !isAutovacuumOn {
            return .warn(
                "vacuum",
                "autovacuum is off (\(size)), and every use of a session leaves a dead row: turn it on"
            )
        }
        if oldestTransactionSeconds > 3600 {
            return .warn(
                "vacuum",
                "a transaction is open for \(oldestTransactionSeconds / 60) minutes and keeps dead rows from going"
                    + " (\(size)): find it in pg_stat_activity"
            )
        }
        // Autovacuum begins at a fifth.
        if deadRows > 10_000, deadRows > liveRows / 2 {
            return .warn("vacuum", "autovacuum doesn't keep up (\(size)): VACUUM sessions")
        }
        return .ok("vacuum", size)
    }
}
