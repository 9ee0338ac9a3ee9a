import PostgresPipeline
import TestSupport
import Testing

@Suite("Lost connections")
struct LossTests {
    /// A trigger that makes COMMIT itself stand still on the blockade.
    static let slowCommit = """
        CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(77);
            RETURN NULL;
        END
        $$;
        CREATE TABLE slow (id int PRIMARY KEY);
        CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION wait_at_commit();
        """
    static let insertSlow = PostgresStatement("INSERT INTO slow VALUES ($1)", parameters: [.int4])

    private static func withSlowCommits(_ body: (PostgresClient) async throws -> Void) async throws {
        try await TestDatabase.shared.withDriver { client in
            try await client.withDedicatedConnection { try await $0.execute(script: Self.slowCommit) }
            try await body(client)
        }
    }

    @Test("a read whose server process is ended is tried again, once")
    func retriedRead() async throws {
        try await TestDatabase.shared.withDriver { client in
            try await Blockade.hold(client) { blockade in
                let read = Task { try await client.read(Blockade.wait, .int8(blockade.key)) }
                try await blockade.terminateWaiter()
                // It stands still again: it was sent a second time.
                try await blockade.waitForWaiters()
                try await blockade.lift()
                #expect(try #require(try await read.value.first).int4(1) == 1)
            }
        }
    }

    @Test("a read whose server process is ended twice fails")
    func twiceLostRead() async throws {
        try await TestDatabase.shared.withDriver { client in
            try await Blockade.hold(client) { blockade in
                let read = Task { try await client.read(Blockade.wait, .int8(blockade.key)) }
                try await blockade.terminateWaiter()
                try await blockade.terminateWaiter()
                let error = try await postgresError { try await read.value }
                #expect(error.code == .unavailable)
                #expect(error.isTransient)
            }
        }
    }

    @Test(
        "a write whose server process is ended has an unknown outcome, unless it is idempotent",
        arguments: [false, true]
    )
    func lostWrite(idempotent: Bool) async throws {
        try await TestDatabase.shared.withDriver { client in
            try await Blockade.hold(client) { blockade in
                let write = Task {
                    try await client.write(Blockade.wait, [.int8(blockade.key)], idempotent: idempotent)
                }
                try await blockade.terminateWaiter()
                if idempotent {
                    try await blockade.waitForWaiters()
                    try await blockade.lift()
                    #expect(try await write.value.rowCount == 1)
                } else {
                    let error = try await postgresError { try await write.value }
                    #expect(error.code == .outcomeUnknown)
                    #expect(!error.isTransient)
                }
            }
        }
    }

    @Test("a COMMIT whose server process is ended has an unknown outcome")
    func lostCommit() async throws {
        try await Self.withSlowCommits { client in
            try await Blockade.hold(client) { blockade in
                let interactive = Task {
                    try await client.transaction { try await $0.query(Self.insertSlow, [.int4(1)]).affectedRows }
                }
                try await blockade.terminateWaiter()
                let error = try await postgresError { try await interactive.value }
                #expect(error.code == .outcomeUnknown)

                let pipelined = Task {
                    try await client.pipelinedTransaction([BoundStatement(Self.insertSlow, .int4(2))])
                }
                try await blockade.terminateWaiter()
                let pipelinedError = try await postgresError { try await pipelined.value }
                #expect(pipelinedError.code == .outcomeUnknown)

                let single = Task { try await client.write(Self.insertSlow, [.int4(3)]) }
                try await blockade.terminateWaiter()
                let singleError = try await postgresError { try await single.value }
                #expect(singleError.code == .outcomeUnknown)
            }
        }
    }

    @Test("RB-14 a transaction that lost its connection before COMMIT is refused from then on, and nothing of it stays")
    func lostTransaction() async throws {
        try await TestDatabase.shared.withDriver { client in
            try await client.write(WriteTests.createCounters)
            let error = try await postgresError {
                try await client.transaction { transaction in
                    try await transaction.query(WriteTests.insert, [.int4(1), .int4(1)])
                    let process = PostgresStatement("SELECT pg_backend_pid()")
                    let pid = try #require(try await transaction.query(process).first).int4(0)
                    let terminate = PostgresStatement("SELECT pg_terminate_backend($1, 5000)", parameters: [.int4])
                    _ = try await client.write(terminate, [.int4(pid)])
                    // The connection is made again at once, as another session: this must not run there.
                    try await transaction.query(WriteTests.insert, [.int4(2), .int4(1)])
                }
            }
            #expect(error.code == .unavailable)
            let count = try #require(try await client.read(WriteTests.count).first).int8(0)
            #expect(count == 0)
        }
    }

    @Test("statements that the server forgot are prepared again", arguments: ["DISCARD ALL", "DEALLOCATE ALL"])
    func forgottenStatements(command: String) async throws {
        let configure: (inout PostgresConfiguration) -> Void = { $0.writeConnections = 2 }
        try await TestDatabase.shared.withDriver(configure: configure) { client in
            try await client.write(WriteTests.createCounters)
            let forget = PostgresStatement(command)
            for round in Int32(0)..<4 {
                for id in Int32(0)..<4 {
                    let values: [PostgresValue] = [.int4(round * 10 + id), .int4(1)]
                    try await client.write(WriteTests.insert, values)
                    try await client.pipelinedTransaction([
                        BoundStatement(WriteTests.insert, [.int4(100 + round * 10 + id), .int4(1)])
                    ])
                    let row = try #require(try await client.read(ReadTests.echo, .int8(5)).first)
                    #expect(try row.int8(0) == 5)
                }
                for _ in 0..<4 { try await client.write(forget) }
                _ = try await client.read(forget)
            }
            let count = try #require(try await client.read(WriteTests.count).first).int8(0)
            #expect(count == 32)
        }
    }
}
