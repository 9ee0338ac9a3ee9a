import PostgresPipeline
import TestSupport
import Testing

@Suite("Statements whose tables change")
struct StaleStatementTests {
    private static let select = PostgresStatement("SELECT value FROM changing")

    private static func withTable(_ body: (PostgresClient) async throws -> Void) async throws {
        let configure: (inout PostgresConfiguration) -> Void = { $0.writeConnections = 2 }
        try await TestDatabase.shared.withDriver(configure: configure) { client in
            try await client.write(PostgresStatement("CREATE TABLE changing (value int)"))
            try await client.write(PostgresStatement("INSERT INTO changing VALUES (5)"))
            try await body(client)
        }
    }

    private static func change(_ client: PostgresClient, _ type: String) async throws {
        try await client.write(PostgresStatement("ALTER TABLE changing ALTER value TYPE \(type)"))
    }

    @Test("a statement is prepared again when its result changes type, for reads, writes and transactions")
    func preparedAgain() async throws {
        try await Self.withTable { client in
            for type in ["bigint", "int", "bigint"] {
                for _ in 0..<3 {
                    #expect(try #require(try await client.read(Self.select).first).int8(0) == 5)
                    #expect(try #require(try await client.write(Self.select).first).int8(0) == 5)
                    let results = try await client.pipelinedTransaction([BoundStatement(Self.select)])
                    #expect(try #require(results.first?.first).int8(0) == 5)
                }
                try await Self.change(client, type)
            }
        }
    }

    @Test("many reads on the way at once all survive a change of type")
    func manyReads() async throws {
        try await Self.withTable { client in
            _ = try await client.read(Self.select)
            try await Blockade.hold(client) { blockade in
                let blocker = Task { try await client.read(Blockade.wait, .int8(blockade.key)) }
                try await blockade.waitForWaiters()
                let reads = (0..<30).map { _ in
                    Task { try #require(try await client.read(Self.select).first).int8(0) }
                }
                try await Self.change(client, "bigint")
                try await blockade.lift()
                _ = try await blocker.value
                for read in reads { #expect(try await read.value == 5) }
            }
        }
    }

    @Test("an interactive transaction fails at most once on each connection, and its statement works in the next")
    func interactive() async throws {
        try await Self.withTable { client in
            func select() async throws -> Int64 {
                try await client.transaction { transaction in
                    try #require(try await transaction.query(Self.select).first).int8(0)
                }
            }
            #expect(try await select() == 5)
            try await Self.change(client, "bigint")
            // Two connections, and which of them a transaction gets isn't told.
            var failures = 0
            for _ in 0..<10 {
                do {
                    #expect(try await select() == 5)
                } catch let error as PostgresError {
                    #expect(error.sqlState == "0A000")
                    failures += 1
                }
            }
            #expect(failures <= 2)
        }
    }
}
