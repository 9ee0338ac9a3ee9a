import PostgresPipeline
import Secrets
import TestSupport
import Testing

@Suite("The isolation level")
struct IsolationTests {
    /// A database whose own default would break what locks first and acts then.
    private static func withStrictDatabase(_ body: (PostgresClient) async throws -> Void) async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let configuration = PostgresConfiguration(connectionString: Secret(uri))
            let logger = TestDatabase.silentLogger
            let strict = """
                DO $$
                BEGIN
                    EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''repeatable read''',
                        current_database());
                END
                $$
                """
            try await PostgresClient.withClient(configuration: configuration, logger: logger) { client in
                try await client.write(WriteTests.createCounters)
                _ = try await client.write(PostgresStatement(strict))
            }
            try await PostgresClient.withClient(configuration: configuration, logger: logger) { try await body($0) }
        }
    }

    @Test("every kind of connection runs at read committed whatever the database's default is")
    func pinned() async throws {
        let show = PostgresStatement("SELECT current_setting('transaction_isolation')")
        try await Self.withStrictDatabase { client in
            #expect(try await client.read(show).first?.text(0) == "read committed")
            #expect(try await client.write(show).first?.text(0) == "read committed")
            let piped = try await client.pipelinedTransaction([BoundStatement(show)])
            #expect(try piped.first?.first?.text(0) == "read committed")
            let scoped = try await client.transaction { try await $0.query(show).first?.text(0) }
            #expect(scoped == "read committed")
            let own = try await client.withDedicatedConnection { try await $0.query(show).first?.text(0) }
            #expect(own == "read committed")
        }
    }

    @Test("a limit that is counted under a lock holds, whatever the database's default is")
    func limit() async throws {
        let lock = PostgresStatement("SELECT pg_advisory_xact_lock(5)")
        let insert = PostgresStatement(
            "INSERT INTO counters SELECT $1, 0 WHERE (SELECT count(*) FROM counters) < 5",
            parameters: [.int4]
        )
        try await Self.withStrictDatabase { client in
            for id in Int32(0)..<4 { try await client.write(insert, [.int4(id)]) }
            try await Blockade.hold(client, key: 5) { blockade in
                // Both have begun, and stand still at the lock, when the fifth row is not there yet.
                let transactions = (Int32(10)..<12).map { id in
                    Task {
                        try await client.pipelinedTransaction([BoundStatement(lock), BoundStatement(insert, .int4(id))])
                    }
                }
                try await blockade.waitForWaiters(2)
                try await blockade.lift()
                for transaction in transactions { _ = try await transaction.value }
            }
            #expect(try #require(try await client.read(WriteTests.count).first).int8(0) == 5)
        }
    }

    @Test("a transaction's own isolation level holds from its first use of a statement on")
    func firstUse() async throws {
        try await TestDatabase.shared.withClient(migrated: false) { client in
            for number in 0..<4 {
                let show = PostgresStatement("SELECT current_setting('transaction_isolation'), \(number)")
                let results = try await client.pipelinedTransaction(
                    [BoundStatement(show)],
                    options: TransactionOptions(isolation: .serializable)
                )
                #expect(try results.first?.first?.text(0) == "serializable")
            }
        }
    }
}
