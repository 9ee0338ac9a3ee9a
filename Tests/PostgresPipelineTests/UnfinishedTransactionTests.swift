import PostgresPipeline
import TestSupport
import Testing

@Suite("Transactions that end badly")
struct UnfinishedTransactionTests {
    private struct Stop: Error {}

    private static let insert = WriteTests.insert
    private static let forget = PostgresStatement("DEALLOCATE ALL")

    private static func expectWritable(_ client: PostgresClient) async throws {
        let before = try #require(try await client.read(WriteTests.count).first).int8(0)
        for id in Int32(1_000)..<1_006 { try await client.write(insert, [.int4(id), .int4(0)]) }
        let after = try #require(try await client.read(WriteTests.count).first).int8(0)
        #expect(after == before + 6)
    }

    private static func withTable(
        _ configure: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresClient) async throws -> Void
    ) async throws {
        let configure: (inout PostgresConfiguration) -> Void = {
            $0.writeConnections = 2
            configure(&$0)
        }
        try await TestDatabase.shared.withDriver(configure: configure) { client in
            try await client.write(WriteTests.createCounters)
            try await body(client)
        }
    }

    @Test("a COMMIT that was never sent leaves no transaction open for those who come after")
    func unsentCommit() async throws {
        let configure: (inout PostgresConfiguration) -> Void = {
            $0.statementTimeout = .zero
            $0.requestTimeout = .seconds(5)
            $0.maximumInFlight = 1
        }
        try await Self.withTable(configure) { client in
            try await Blockade.hold(client) { blockade in
                let error = try await postgresError {
                    try await client.transaction { transaction in
                        try await transaction.query(Self.insert, [.int4(1), .int4(0)])
                        _ = try? await transaction.query(Blockade.wait, [.int8(blockade.key)])
                    }
                }
                #expect(error.code == .timeout)
                try await blockade.lift()
            }
            try await Self.expectWritable(client)
            let left = PostgresStatement("SELECT 1 FROM counters WHERE id = 1")
            #expect(try await client.read(left).rowCount == 0)
        }
    }

    @Test("a pipelined transaction that fails after it made the server forget its statements is rolled back, once")
    func forgottenRollback() async throws {
        try await Self.withTable { client in
            let bad = BoundStatement(PostgresStatement("SELECT 1 / 0"))
            for (statements, state) in [
                ([bad], "22012"), ([BoundStatement(Self.forget), bad], "26000"), ([bad], "22012"),
            ] {
                let error = try await postgresError { try await client.pipelinedTransaction(statements) }
                #expect(error.sqlState == state)
            }
            try await Self.expectWritable(client)
        }
    }

    @Test("a transaction that made the server forget its statements is rolled back all the same")
    func forgottenInteractiveRollback() async throws {
        try await Self.withTable { client in
            // The first teaches the server what the second makes it forget.
            for forgets in [false, true, false] {
                await #expect(throws: Stop.self) {
                    try await client.transaction { transaction in
                        if forgets { try await transaction.query(Self.forget) }
                        throw Stop()
                    }
                }
            }
            try await Self.expectWritable(client)
        }
    }

    @Test("what a transaction sets for its session does not reach those who come after")
    func settings() async throws {
        try await Self.withTable { client in
            let show = PostgresStatement(
                "SELECT current_setting('statement_timeout'), current_setting('default_transaction_read_only')"
            )
            try await client.transaction { transaction in
                try await transaction.query(PostgresStatement("SET statement_timeout = 123"))
                try await transaction.query(PostgresStatement("SET default_transaction_read_only = on"))
            }
            for _ in 0..<4 {
                let row = try #require(try await client.write(show).first)
                #expect(try row.text(0) == "1min")
                #expect(try row.text(1) == "off")
            }
        }
    }
}
