import PostgresPipeline
import TestSupport
import Testing

@Suite("Errors")
struct ErrorTests {
    private static let setup = """
        CREATE TABLE people (
            id int PRIMARY KEY,
            name varchar(5) UNIQUE CONSTRAINT not_root CHECK (name <> 'wurzel') NOT NULL
        );
        CREATE FUNCTION complain(what text) RETURNS int LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'not %', what USING DETAIL = what, HINT = what;
        END
        $$;
        """

    struct Case: Sendable {
        let sql: String
        let sqlState: String
        var constraint: String?
    }

    @Test(
        "an error has the SQLSTATE and the constraint, and never the value",
        arguments: [
            Case(sql: "SELECT $1::int", sqlState: "22P02"),
            Case(sql: "SELECT $1::jsonb", sqlState: "22P02"),
            Case(sql: "SELECT $1::timestamptz", sqlState: "22007"),
            Case(sql: "SELECT '{}'::jsonb #>> $1::text[]", sqlState: "22P02"),
            Case(sql: "INSERT INTO people VALUES (1, $1)", sqlState: "22001"),
            Case(
                sql: "INSERT INTO people VALUES (1, left($1, 5)), (2, left($1, 5))",
                sqlState: "23505",
                constraint: "people_name_key"
            ),
            Case(
                sql: "INSERT INTO people VALUES (1, left($1, 5)), (1, left($1, 4))",
                sqlState: "23505",
                constraint: "people_pkey"
            ),
            Case(sql: "INSERT INTO people VALUES (length($1), NULL)", sqlState: "23502"),
            Case(sql: "SELECT complain($1)", sqlState: "P0001"),
            Case(sql: "SELECT * FROM nowhere WHERE name = $1", sqlState: "42P01"),
            Case(sql: "SELEKT $1", sqlState: "42601"),
        ]
    )
    func withoutValues(_ item: Case) async throws {
        try await TestDatabase.shared.withDriver { client in
            try await client.withDedicatedConnection { try await $0.execute(script: Self.setup) }
            let statement = PostgresStatement(item.sql, parameters: [.text])
            let value = PostgresValue.text("geheimnis")
            let errors = [
                try await postgresError { try await client.read(statement, value) },
                try await postgresError { try await client.write(statement, [value]) },
                try await postgresError {
                    try await client.pipelinedTransaction([BoundStatement(statement, value)])
                },
                try await postgresError { try await client.transaction { try await $0.query(statement, [value]) } },
                try await postgresError {
                    try await client.withDedicatedConnection { try await $0.query(statement, [value]) }
                },
            ]
            for error in errors {
                #expect(error.code == .server)
                #expect(error.sqlState == item.sqlState)
                #expect(error.constraint == item.constraint)
                #expect(error.metricLabel == "server_\(item.sqlState.prefix(2))")
                #expect(!error.isTransient)
                var dumped = ""
                dump(error, to: &dumped)
                for text in ["\(error)", String(reflecting: error), dumped, error.message] {
                    #expect(!text.contains("gehei"))
                }
                // The statement is for those who debug, not for those who read a page.
                #expect(!"\(error)".contains(item.sql))
                #expect(String(reflecting: error).contains(item.sql))
            }
        }
    }

    @Test("COPY, which this client can't carry, fails and leaves the connections usable")
    func copy() async throws {
        let configure: (inout PostgresConfiguration) -> Void = { $0.writeConnections = 2 }
        try await TestDatabase.shared.withDriver(configure: configure) { client in
            try await client.write(WriteTests.createCounters)
            for sql in ["COPY counters FROM STDIN", "COPY counters TO STDOUT"] {
                let statement = PostgresStatement(sql)
                for _ in 0..<4 { _ = try await postgresError { try await client.write(statement) } }
                _ = try await postgresError {
                    try await client.withDedicatedConnection { try await $0.execute(script: sql) }
                }
            }
            for id in Int32(0)..<8 { try await client.write(WriteTests.insert, [.int4(id), .int4(1)]) }
        }
    }
}
