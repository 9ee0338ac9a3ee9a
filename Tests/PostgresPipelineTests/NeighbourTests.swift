import PostgresPipeline
import TestSupport
import Testing

/// Each test has two connections for writes, lets a statement stand still on both, and lines others up behind it.
@Suite("Neighbours on a connection")
struct NeighbourTests {
    private struct Stop: Error {}

    private static let insert = WriteTests.insert

    private static func withStandstill(
        _ body: (PostgresClient, Blockade) async throws -> Void
    ) async throws {
        let configure: (inout PostgresConfiguration) -> Void = {
            $0.writeConnections = 2
            $0.statementTimeout = .seconds(50)
            $0.requestTimeout = .seconds(60)
        }
        try await TestDatabase.shared.withClient(migrated: false, configure: configure) { client in
            try await client.write(WriteTests.createCounters)
            try await Blockade.hold(client) { blockade in
                let blockers = try await client.lineUp(
                    Blockade.wait,
                    [[.int8(blockade.key)], [.int8(blockade.key)]],
                    place: 1
                )
                try await blockade.waitForWaiters(2)
                try await body(client, blockade)
                for blocker in blockers { _ = try await blocker.value }
            }
        }
    }

    private static func rows(_ client: PostgresClient) async throws -> Int64 {
        try #require(try await client.read(WriteTests.count).first).int8(0)
    }

    @Test("a write that is sent again never runs inside the transaction of somebody else")
    func repeatedWrite() async throws {
        let forget = PostgresStatement(
            """
            DO $$
            BEGIN
                PERFORM pg_advisory_xact_lock(77);
                EXECUTE 'DEALLOCATE ALL';
            END
            $$
            """
        )
        try await Self.withStandstill { client, blockade in
            // Both connections know the statement when they are told to forget it: they learn it behind the blockade.
            let first = try await client.lineUp(Self.insert, [[.int4(1), .int4(0)], [.int4(2), .int4(0)]], place: 2)
            try await blockade.lift()
            for write in first { _ = try await write.value }
            try await blockade.connection.advisoryLock(blockade.key)
            let blockers = try await client.lineUp(forget, place: 1)
            try await blockade.waitForWaiters(2)
            let writes = try await client.lineUp(Self.insert, [[.int4(3), .int4(0)], [.int4(4), .int4(0)]], place: 2)
            let transaction = Task {
                try await client.transaction { _ in
                    for write in writes { _ = try await write.value }
                    throw Stop()
                }
            }
            try await client.waitForLease()
            try await blockade.lift()
            await #expect(throws: Stop.self) { try await transaction.value }
            for blocker in blockers { _ = try await blocker.value }
            #expect(try await Self.rows(client) == 4)
        }
    }

    @Test("a constraint that fails at the commit of one write leaves the writes behind it alone")
    func deferredConstraint() async throws {
        try await Self.withStandstill { client, blockade in
            let connection = blockade.connection
            try await connection.execute(
                script: """
                    CREATE TABLE child (id int REFERENCES counters DEFERRABLE INITIALLY DEFERRED);
                    """
            )
            let bad = try await client.lineUp(PostgresStatement("INSERT INTO child VALUES (99)"), place: 2)
            let good = try await client.lineUp(Self.insert, [[.int4(1), .int4(0)], [.int4(2), .int4(0)]], place: 3)
            try await blockade.lift()
            for write in bad {
                let error = try await postgresError { try await write.value }
                #expect(error.sqlState == "23503")
            }
            for write in good { #expect(try await write.value.affectedRows == 1) }
            #expect(try await Self.rows(client) == 2)
        }
    }

    @Test("a write that opens a transaction fails, and what is answered behind it as written is written")
    func openingWrite() async throws {
        try await Self.withStandstill { client, blockade in
            let openings = try await client.lineUp(PostgresStatement("/* hidden */ BEGIN"), place: 2)
            let behind = try await client.lineUp(Self.insert, [[.int4(1), .int4(0)], [.int4(2), .int4(0)]], place: 3)
            try await blockade.lift()
            for opening in openings {
                await #expect(throws: PostgresError.self) { try await opening.value }
            }
            var written: Int64 = 0
            for write in behind where (try? await write.value) != nil { written += 1 }
            for id in Int32(10)..<14 {
                try await client.write(Self.insert, [.int4(id), .int4(0)])
                written += 1
            }
            #expect(try await Self.rows(client) == written)
        }
    }
}
