import PostgresPipeline

/// Rows of `sessions`, put there and counted past the library.
enum StoredRows {
    /// Rows as the documented system made them, of as many users, all signed in two hours ago.
    static func insert(
        _ count: Int,
        into database: PostgresClient,
        expired: Bool,
        tenant: String = "",
        revoked: Bool = false
    ) async throws {
        guard count > 0 else { return }
        let end = expired ? "-1 hour" : "1 hour"
        try await database.write(
            insertRows,
            [.int8(Int64(count)), .text(end), .text(tenant), .text(revoked ? "revoked" : nil)]
        )
    }

    /// What the audit trail has, oldest first: the action, a space, the details.
    static func audit(in database: PostgresClient) async throws -> [String] {
        try await database.read(selectAudit).decode { try $0.text(0) }
    }

    /// Makes rows look so many days older, except for their ends.
    /// - Parameters:
    ///   - condition: Which rows, in SQL.
    ///   - use: Whether their last use moves as well.
    static func age(days: Int, in database: PostgresClient, only condition: String, use: Bool = true) async throws {
        let use = use ? ", last_accessed_at = last_accessed_at - $1::interval" : ""
        try await database.write(
            PostgresStatement(
                """
                UPDATE sessions
                SET created_at = created_at - $1::interval, revoked_at = revoked_at - $1::interval\(use)
                WHERE \(condition)
                """,
                parameters: [.text]
            ),
            [.text("\(days) days")]
        )
    }

    /// Moves the stored ends of all rows far ahead.
    static func extend(in database: PostgresClient) async throws {
        try await database.write(PostgresStatement("UPDATE sessions SET expires_at = now() + interval '1 year'"))
    }

    static func count(in database: PostgresClient) async throws -> Int {
        try await database.read(countAll).decode { Int(try $0.int8(0)) }.first ?? -1
    }

    /// Everything that may not change when a request has no effect.
    static func snapshot(of database: PostgresClient) async throws -> [String] {
        try await database.read(selectAll).decode { try $0.text(0) }
    }

    /// Held until the end of the transaction: whoever deletes waits for it.
    static let lock = PostgresStatement("LOCK TABLE sessions IN SHARE ROW EXCLUSIVE MODE")

    private static let insertRows = PostgresStatement(
        """
        INSERT INTO sessions (id, sub, created_at, last_accessed_at, expires_at, tenant_id, revoked_at, revoked_reason)
        SELECT
            encode(sha256(convert_to(gen_random_uuid()::text, 'UTF8')), 'hex'),
            'user-' || number,
            now() - interval '2 hours',
            now(),
            now() + $2::interval,
            $3,
            CASE WHEN $4 IS NOT NULL THEN now() END,
            $4
        FROM generate_series(1, $1::bigint) AS number
        """,
        parameters: [.int8, .text, .text, .text]
    )
    private static let selectAudit = PostgresStatement(
        "SELECT action || ' ' || details::text FROM audit_log ORDER BY created_at"
    )
    private static let countAll = PostgresStatement("SELECT count(*) FROM sessions")
    private static let selectAll = PostgresStatement("SELECT sessions::text FROM sessions ORDER BY id")
}
