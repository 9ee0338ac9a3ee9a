import PostgresPipeline

/// The runner's SQL.
///
/// Everything but the scripts themselves names its schema through `current_schema()`, because that is where an
/// unqualified `CREATE TABLE` goes; a table of the same name further along the search path is not ours.
enum MigrationStatements {
    /// READ COMMITTED whatever the database's default: the history is read after the wait for the lock, and must be
    /// newer than it.
    static let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

    static let setLocal = PostgresStatement(
        "SELECT set_config($1, $2, true)",
        parameters: [.text, .text]
    )

    /// Released by COMMIT, ROLLBACK or a lost connection, and it works through a pooler in transaction mode, where a
    /// session's lock would be left behind.
    static let tryLock = PostgresStatement(
        "SELECT pg_try_advisory_xact_lock($1)",
        parameters: [.int8]
    )

    static let lock = PostgresStatement(
        "SELECT pg_advisory_xact_lock($1)",
        parameters: [.int8]
    )

    static let encoding = PostgresStatement("SELECT current_setting('server_encoding')", parameters: [])

    static let createHistory = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version integer PRIMARY KEY CHECK (version > 0),
            name text NOT NULL,
            checksum text NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'),
            applied_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
        )
        """

    /// The columns of `schema_migrations`; no row when there is no such table.
    static let historyColumns = PostgresStatement(
        """
        SELECT a.attname::text
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.nspname = current_schema() AND c.relname = 'schema_migrations'
        """,
        parameters: []
    )

    /// A few rows, in the order of the primary key.
    static let readHistory = PostgresStatement(
        """
        SELECT version, name, checksum, applied_at
        FROM schema_migrations
        ORDER BY version
        """,
        parameters: []
    )

    static let recordApplied = PostgresStatement(
        """
        INSERT INTO schema_migrations (version, name, checksum)
        VALUES ($1, $2, $3)
        RETURNING version, name, checksum, applied_at
        """,
        parameters: [.int4, .text, .text]
    )

    /// Differs after the script when the script ended the transaction that it was run in.
    static let transactionID = PostgresStatement(
        "SELECT txid_current()",
        parameters: []
    )

    static let describeTable = PostgresStatement(
        """
        SELECT
            c.relkind = 'r' AS ordinary,
            a.attname::text,
            format_type(a.atttypid, a.atttypmod),
            EXISTS (
                SELECT FROM pg_catalog.pg_index i
                WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)
            ) AS primary_key,
            a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS needs_value
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.nspname = current_schema() AND c.relname = $1
        ORDER BY a.attnum
        """,
        parameters: [.text]
    )
}
