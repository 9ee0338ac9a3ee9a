import PostgresPipeline

/// How full the table is, as its last VACUUM left it.
struct TableSpace: Sendable {
    /// Whether this role may VACUUM the table.
    let isOwned: Bool
    /// Whether nothing forbids to move rows, and to give the end of the table back.
    let mayMove: Bool
    let pages: Int64
    let rows: Int64
    /// Whether most of the table's pages are empty, and there are many of them.
    let isSparse: Bool
    /// The same of what lies out of line: long addresses to return to, tokens.
    let isSparseOutOfLine: Bool

    // A full page has 10 to 20 sessions, or 4 pieces of a token: with a quarter of them, most of it is empty. Below 16 MB
    // the file isn't worth the work. A trigger would see each move as a change, and with vacuum_truncate off somebody
    // doesn't want the end of the table to be cut off.
    private static let statement = PostgresStatement(
        """
        SELECT
            pg_has_role(main.relowner, 'USAGE'),
            NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = main.oid AND NOT tgisinternal)
                AND NOT EXISTS (
                    SELECT FROM pg_options_to_table(main.reloptions)
                    WHERE option_name = 'vacuum_truncate' AND NOT option_value::boolean
                ),
            main.relpages::bigint, main.reltuples::bigint,
            main.relpages > 2048 AND main.reltuples BETWEEN 0 AND main.relpages * 4.0,
            aside.relpages > 2048 AND aside.reltuples BETWEEN 0 AND aside.relpages
        FROM pg_class AS main
        JOIN pg_class AS aside ON aside.oid = main.reltoastrelid
        WHERE main.oid = 'sessions'::regclass
        """
    )

    static func read(_ connection: PostgresConnection) async throws(PostgresError) -> TableSpace {
        guard let row = try await connection.query(statement).first else {
            throw PostgresError(code: .decoding, message: "the table has no room out of line")
        }
        return TableSpace(
            isOwned: try row.bool(0),
            mayMove: try row.bool(1),
            pages: try row.int8(2),
            rows: try row.int8(3),
            isSparse: try row.bool(4),
            isSparseOutOfLine: try row.bool(5)
        )
    }
}
