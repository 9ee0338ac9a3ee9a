import PostgresPipeline
import Synchronization
import TestSupport
import Testing

@Suite("Writes")
struct WriteTests {
    static let createCounters = PostgresStatement("CREATE TABLE counters (id int PRIMARY KEY, value int NOT NULL)")
    static let insert = PostgresStatement(
        "INSERT INTO counters (id, value) VALUES ($1, $2)",
        parameters: [.int4, .int4]
    )
    static let insertQuotient = PostgresStatement(
        "INSERT INTO counters (id, value) VALUES ($1, 10 / $2)",
        parameters: [.int4, .int4]
    )
    static let count = PostgresStatement("SELECT count(*) FROM counters")

    @Test("a write is not rolled back by a neighbour's failure")
    func neighboursFailure() async throws {
        try await TestDatabase.shared.withDriver { client in
            try await client.write(Self.createCounters)
            let successes = await withTaskGroup(of: Bool.self) { group in
                for id in 0..<Int32(256) {
                    group.addTask {
                        // Every fifth divides by zero, in the midst of the others' pipelines.
                        let divisor: Int32 = id % 5 == 0 ? 0 : 2
                        return (try? await client.write(Self.insertQuotient, [.int4(id), .int4(divisor)])) != nil
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(successes == 256 - 52)
            let stored = try #require(try await client.read(Self.count).first)
            #expect(try stored.int8(0) == Int64(successes))
        }
    }

    @Test("what a write tells is what it did")
    func affectedRows() async throws {
        try await TestDatabase.shared.withDriver { client in
            try await client.write(Self.createCounters)
            let inserted = try await client.write(Self.insert, [.int4(1), .int4(7)])
            #expect(inserted.affectedRows == 1)
            #expect(inserted.rowCount == 0)
            let update = PostgresStatement("UPDATE counters SET value = value + 1 RETURNING value AS new_value")
            let updated = try await client.write(update)
            #expect(updated.columnNames == ["new_value"])
            #expect(try updated.decode { try $0.int4(0) } == [8])
        }
    }

    @Test("a constraint that is checked at the commit fails the write, and the connection goes on")
    func deferredConstraint() async throws {
        try await TestDatabase.shared.withDriver { client in
            try await client.write(
                PostgresStatement("CREATE TABLE parent (id int PRIMARY KEY)")
            )
            try await client.write(
                PostgresStatement(
                    """
                    CREATE TABLE child (
                        id int CONSTRAINT child_parent REFERENCES parent DEFERRABLE INITIALLY DEFERRED
                    )
                    """
                )
            )
            let orphan = PostgresStatement("INSERT INTO child VALUES ($1)", parameters: [.int4])
            for _ in 0..<8 {
                let error = try await postgresError { try await client.write(orphan, [.int4(4_711)]) }
                #expect(error.code == .server)
                #expect(error.sqlState == "23503")
                #expect(error.constraint == "child_parent")
            }
            let rows = try #require(try await client.read(PostgresStatement("SELECT count(*) FROM child")).first)
            #expect(try rows.int8(0) == 0)
            try await client.write(PostgresStatement("INSERT INTO parent VALUES (1)"))
            try await client.write(orphan, [.int4(1)])
        }
    }
}
