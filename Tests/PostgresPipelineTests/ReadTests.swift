import PostgresPipeline
import TestSupport
import Testing

@Suite("Reads")
struct ReadTests {
    static let echo = PostgresStatement("SELECT $1 AS value", parameters: [.int8])
    static let divide = PostgresStatement("SELECT 10 / $1 AS value", parameters: [.int4])

    @Test("256 tasks get each their own answer")
    func everyoneGetsTheirOwnAnswer() async throws {
        try await TestDatabase.shared.withDriver { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<256 {
                    group.addTask {
                        for round in 0..<20 {
                            let value = Int64(task * 1_000 + round)
                            let row = try #require(try await client.read(Self.echo, .int8(value)).first)
                            #expect(try row.int8(0) == value)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("a failing read does not touch its neighbours")
    func failingNeighbour() async throws {
        try await TestDatabase.shared.withDriver { client in
            let outcomes = await withTaskGroup(of: (Int, Int32?, String?).self) { group in
                for task in 0..<256 {
                    group.addTask {
                        do {
                            // Every seventh divides by zero.
                            let result = try await client.read(Self.divide, .int4(task % 7 == 0 ? 0 : 5))
                            return (task, try result.first?.int4(0), nil)
                        } catch {
                            return (task, nil, (error as? PostgresError)?.sqlState)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count == 256)
            for (task, value, sqlState) in outcomes {
                if task % 7 == 0 {
                    #expect(sqlState == "22012")
                } else {
                    #expect(value == 2, "\(task): \(sqlState ?? "no error")")
                }
            }
        }
    }
}
