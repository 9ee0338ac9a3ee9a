import PostgresPipeline

/// How large the table of sessions is.
struct TableSize: Sendable {
    let rows: Int64
    let logins: Int64
    /// With what lies out of line.
    let tableBytes: Int64
    let indexBytes: Int64

    private static let statement = PostgresStatement(
        """
        SELECT count(*), count(*) FILTER (WHERE kind = 'login'), pg_table_size('sessions'), pg_indexes_size('sessions')
        FROM sessions
        """
    )

    static func read(_ client: PostgresClient) async throws -> TableSize {
        let row = try await client.withDedicatedConnection { try await $0.query(statement).first }
        guard let row else { throw Wire.Failure(saying: "no size") }
        return TableSize(
            rows: try row.int8(0),
            logins: try row.int8(1),
            tableBytes: try row.int8(2),
            indexBytes: try row.int8(3)
        )
    }
}
