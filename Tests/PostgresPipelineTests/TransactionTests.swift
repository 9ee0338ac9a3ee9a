import PostgresPipeline
import TestSupport
import Testing

@Suite("Transactions")
struct TransactionTests {
    private struct Unrelated: Error {}

    private static let insert = WriteTests.insert
    private static let count = WriteTests.count

    private static func withTable(
        writeConnections: Int = 4,
        _ body: (PostgresClient) async throws -> Void
    ) async throws {
        let configure: (inout PostgresConfiguration) -> Void = { $0.writeConnections = writeConnections }
        try await TestDatabase.shared.withDriver(configure: configure) { client in
            try await client.write(WriteTests.createCounters)
            try await body(client)
        }
    }

    private static func expectRows(
        _ expected: Int64,
        _ client: PostgresClient,
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let rows = try #require(try await client.read(count).first).int8(0)
        #expect(rows == expected, sourceLocation: location)
    }

    @Test("a pipelined transaction answers each statement and commits")
    func pipelined() async throws {
        try await Self.withTable { client in
            let results = try await client.pipelinedTransaction(
                [
                    BoundStatement(Self.insert, .int4(1), .int4(1)),
                    BoundStatement(Self.insert, .int4(2), .int4(2)),
                    BoundStatement(Self.count),
                ],
                options: TransactionOptions(synchronousCommit: false, isolation: .serializable)
            )
            #expect(results.count == 3)
            #expect(try results.last?.first?.int8(0) == 2)
            try await Self.expectRows(2, client)
        }
    }

    @Test("the options of a transaction hold inside it and not after it")
    func options() async throws {
        try await Self.withTable { client in
            let show = PostgresStatement(
                """
                SELECT current_setting('synchronous_commit'), current_setting('transaction_isolation'),
                    current_setting('transaction_read_only')
                """
            )
            func settings(_ options: TransactionOptions) async throws -> [String] {
                let results = try await client.pipelinedTransaction([BoundStatement(show)], options: options)
                let row = try #require(results.first?.first)
                return try (0..<3).map { try row.text($0) }
            }
            let special = TransactionOptions(synchronousCommit: false, isolation: .repeatableRead, readOnly: true)
            #expect(try await settings(special) == ["off", "repeatable read", "on"])
            #expect(try await settings(.init()) == ["on", "read committed", "off"])
            let interactive = try await client.transaction(options: special) { transaction in
                try #require(try await transaction.query(show).first).text(0)
            }
            #expect(interactive == "off")
        }
    }

    @Test("a failure inside a pipelined transaction undoes all of it, and the connections stay usable")
    func pipelinedFailure() async throws {
        try await Self.withTable { client in
            try await client.write(Self.insert, [.int4(1), .int4(0)])
            for _ in 0..<20 {
                let error = try await postgresError {
                    try await client.pipelinedTransaction([
                        BoundStatement(Self.insert, .int4(2), .int4(2)),
                        BoundStatement(Self.insert, .int4(1), .int4(1)),
                        BoundStatement(Self.insert, .int4(3), .int4(3)),
                    ])
                }
                #expect(error.sqlState == "23505")
                #expect(error.constraint == "counters_pkey")
            }
            try await Self.expectRows(1, client)
            // If a connection had been left inside the failed transaction, these would answer 25P02.
            for id in Int32(10)..<30 { try await client.write(Self.insert, [.int4(id), .int4(0)]) }
            try await Self.expectRows(21, client)
        }
    }

    @Test("pipelined transactions and writes of many tasks stay apart")
    func mixed() async throws {
        try await Self.withTable { client in
            await withTaskGroup(of: Void.self) { group in
                for id in 0..<Int32(100) {
                    group.addTask {
                        // The second statement of every third fails.
                        let second = id % 3 == 0 ? id : id + 1_000
                        _ = try? await client.pipelinedTransaction([
                            BoundStatement(Self.insert, .int4(id), .int4(1)),
                            BoundStatement(Self.insert, .int4(second), .int4(1)),
                        ])
                    }
                    group.addTask { _ = try? await client.write(Self.insert, [.int4(id + 2_000), .int4(1)]) }
                }
            }
            try await Self.expectRows(Int64(66 * 2 + 100), client)
        }
    }

    @Test("an interactive transaction commits what it did")
    func interactive() async throws {
        try await Self.withTable { client in
            let seen = try await client.transaction { transaction in
                try await transaction.query(Self.insert, [.int4(1), .int4(1)])
                return try #require(try await transaction.query(Self.count).first).int8(0)
            }
            #expect(seen == 1)
            try await Self.expectRows(1, client)
        }
    }

    @Test("an interactive transaction whose body throws is rolled back")
    func interactiveThrows() async throws {
        try await Self.withTable { client in
            for _ in 0..<10 {
                await #expect(throws: Unrelated.self) {
                    try await client.transaction { transaction in
                        try await transaction.query(Self.insert, [.int4(1), .int4(1)])
                        throw Unrelated()
                    }
                }
            }
            try await Self.expectRows(0, client)
        }
    }

    @Test("a transaction whose failed statement was ignored does not claim to have committed")
    func ignoredFailure() async throws {
        try await Self.withTable { client in
            let error = try await postgresError {
                try await client.transaction { transaction in
                    try await transaction.query(Self.insert, [.int4(1), .int4(1)])
                    _ = try? await transaction.query(Self.insert, [.int4(1), .int4(1)])
                }
            }
            #expect(error.sqlState == "25P02")
            try await Self.expectRows(0, client)
        }
    }

    @Test("RB-15 a cancelled transaction is rolled back and its connection used again")
    func cancelled() async throws {
        try await Self.withTable(writeConnections: 2) { client in
            let (started, signal) = AsyncStream<Void>.makeStream()
            let task = Task {
                try await client.transaction { transaction in
                    try await transaction.query(Self.insert, [.int4(1), .int4(1)])
                    signal.yield()
                    try await Task.sleep(for: .seconds(60))
                }
            }
            for await _ in started { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await Self.expectRows(0, client)
            try await client.transaction { transaction in
                _ = try await transaction.query(Self.insert, [.int4(1), .int4(1)])
            }
            try await Self.expectRows(1, client)
        }
    }

    @Test("plain writes go on while every transaction that may be open is open, and the next one waits its turn")
    func leases() async throws {
        try await Self.withTable(writeConnections: 3) { client in
            try await client.transaction { first in
                try await first.query(Self.insert, [.int4(1), .int4(1)])
                try await client.transaction { second in
                    try await second.query(Self.insert, [.int4(2), .int4(1)])
                    for id in Int32(10)..<40 { try await client.write(Self.insert, [.int4(id), .int4(1)]) }
                    try await Self.expectRows(30, client)
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in Int32(100)..<150 {
                    group.addTask {
                        try await client.transaction { transaction in
                            _ = try await transaction.query(Self.insert, [.int4(id), .int4(1)])
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await Self.expectRows(82, client)
        }
    }

    @Test("a transaction that escaped its scope is refused")
    func escaped() async throws {
        try await Self.withTable { client in
            let escaped = try await client.transaction { $0 }
            let error = try await postgresError { try await escaped.query(Self.insert, [.int4(1), .int4(1)]) }
            #expect(error.code == .closed)
            try await Self.expectRows(0, client)
        }
    }
}
