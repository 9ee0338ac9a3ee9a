import PostgresPipeline
import Secrets
import TestSupport
import Testing

@Suite("Connections of one's own")
struct ScopeTests {
    private struct Unrelated: Error {}

    @Test("two clients exclude each other by an advisory lock, which ends with its scope")
    func advisoryLocks() async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let configuration = PostgresConfiguration(connectionString: Secret(uri))
            let logger = TestDatabase.silentLogger
            try await PostgresClient.withClient(configuration: configuration, logger: logger) { first in
                try await PostgresClient.withClient(configuration: configuration, logger: logger) { second in
                    try await first.withDedicatedConnection { holder in
                        #expect(try await holder.tryAdvisoryLock(5))
                        try await second.withDedicatedConnection { other in
                            #expect(try await !other.tryAdvisoryLock(5))
                            #expect(try await other.tryAdvisoryLock(6))
                            #expect(try await !other.advisoryUnlock(5))
                            #expect(try await holder.advisoryUnlock(5))
                            try await other.advisoryLock(5)
                            #expect(try await !holder.tryAdvisoryLock(5))
                        }
                        // The other's scope has ended, and its connection with it.
                        try await holder.advisoryLock(5)
                    }
                }
            }
        }
    }

    @Test("waiting for a lock can be cancelled, and the server stops waiting too")
    func cancelledLock() async throws {
        try await TestDatabase.shared.withDriver { client in
            try await Blockade.hold(client) { blockade in
                let waiting = Task {
                    try await client.withDedicatedConnection { try await $0.advisoryLock(blockade.key) }
                }
                try await blockade.waitForWaiters()
                waiting.cancel()
                let error = try await postgresError { try await waiting.value }
                #expect(error.code == .cancelled)
                try await blockade.waitForNoWaiters()
            }
        }
    }

    @Test("a script runs whole or not at all, and its connection stays usable")
    func scripts() async throws {
        try await TestDatabase.shared.withDriver { client in
            try await client.withDedicatedConnection { connection in
                let error = try await postgresError {
                    let script = "CREATE TABLE a (id int); SELECT 1 / 0; CREATE TABLE b (id int)"
                    try await connection.execute(script: script)
                }
                #expect(error.sqlState == "22012")
                let exists = PostgresStatement("SELECT to_regclass('a') IS NOT NULL, to_regclass('b') IS NOT NULL")
                let row = try #require(try await connection.query(exists).first)
                #expect(try !row.bool(0))
                try await connection.execute(script: "CREATE TABLE a (id int); CREATE TABLE b (id int)")
                let after = try #require(try await connection.query(exists).first)
                #expect(try after.bool(0) && after.bool(1))
                try await connection.execute(script: "")
            }
        }
    }

    @Test("a transaction on a connection of one's own takes scripts, and rolls back when its body throws")
    func dedicatedTransaction() async throws {
        try await TestDatabase.shared.withDriver { client in
            try await client.withDedicatedConnection { connection in
                await #expect(throws: Unrelated.self) {
                    try await connection.transaction {
                        try await connection.execute(script: "CREATE TABLE a (id int); INSERT INTO a VALUES (1)")
                        throw Unrelated()
                    }
                }
                try await connection.transaction {
                    try await connection.execute(script: "CREATE TABLE a (id int); INSERT INTO a VALUES (2)")
                }
                let rows = try await connection.query(PostgresStatement("SELECT id FROM a"))
                #expect(try rows.decode { try $0.int4(0) } == [2])
            }
        }
    }

    @Test("a connection of one's own that is lost stays lost, because its locks are")
    func lostForGood() async throws {
        try await TestDatabase.shared.withDriver { client in
            let error = try await postgresError {
                try await client.withDedicatedConnection { connection in
                    try await connection.advisoryLock(9)
                    let process = PostgresStatement("SELECT pg_backend_pid()")
                    let pid = try #require(try await connection.query(process).first).int4(0)
                    let terminate = PostgresStatement("SELECT pg_terminate_backend($1, 5000)", parameters: [.int4])
                    try await client.write(terminate, [.int4(pid)])
                    let first = try await postgresError { try await connection.query(process) }
                    // Noticed before it was sent, or only after.
                    #expect(first.code == .unavailable || first.code == .outcomeUnknown)
                    _ = try await connection.tryAdvisoryLock(9)
                }
            }
            #expect(error.code == .unavailable)
        }
    }

    @Test("one dedicated connection more than may be open is refused at once, and there is room when one was closed")
    func tooMany() async throws {
        let configure: (inout PostgresConfiguration) -> Void = { $0.maximumDedicated = 2 }
        try await TestDatabase.shared.withClient(migrated: false, configure: configure) { client in
            for _ in 0..<2 {
                try await client.withDedicatedConnection { _ in
                    try await client.withDedicatedConnection { _ in
                        let error = try await postgresError { try await client.withDedicatedConnection { _ in } }
                        #expect(error.code == .busy)
                    }
                }
            }
        }
    }
}
