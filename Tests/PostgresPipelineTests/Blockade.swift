import Patience
import Testing

@testable import PostgresPipeline

/// An advisory lock that one connection holds, so that statements of others stand still where a test wants them.
struct Blockade {
    /// Waits for the lock and gives it back at once.
    static let wait = PostgresStatement("SELECT pg_advisory_xact_lock($1), 1::int4 AS passed", parameters: [.int8])
    /// Waiters in this database: the tests' databases share a server.
    private static let waiting = """
        FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted AND objid = $1::int8::oid
        """
    private static let waiters = PostgresStatement("SELECT count(*) \(waiting)", parameters: [.int8])
    private static let waitingProcess = PostgresStatement("SELECT pid \(waiting)", parameters: [.int8])
    private static let terminate = PostgresStatement("SELECT pg_terminate_backend($1, 10000)", parameters: [.int4])

    let key: Int64
    let connection: PostgresConnection

    /// Holds the lock during `body`, which may lift it earlier.
    static func hold<Value: Sendable>(
        _ client: PostgresClient,
        key: Int64 = 77,
        _ body: (Blockade) async throws -> Value
    ) async throws -> Value {
        try await client.waitForConnections()
        return try await client.withDedicatedConnection { connection in
            try await connection.advisoryLock(key)
            return try await body(Blockade(key: key, connection: connection))
        }
    }

    func lift() async throws {
        #expect(try await connection.advisoryUnlock(key))
    }

    /// Returns when that many statements stand still.
    func waitForWaiters(_ count: Int64 = 1) async throws {
        try await eventually("\(count) statements stand still") {
            try #require(try await connection.query(Self.waiters, [.int8(key)]).first).int8(0) >= count
        }
    }

    /// Returns when none stands still any more.
    func waitForNoWaiters() async throws {
        try await eventually("no statement stands still") {
            try #require(try await connection.query(Self.waiters, [.int8(key)]).first).int8(0) == 0
        }
    }

    /// Ends the server process of a statement that stands still, and waits for its end.
    func terminateWaiter() async throws {
        try await waitForWaiters()
        let process = try #require(try await connection.query(Self.waitingProcess, [.int8(key)]).first).int4(0)
        try await connection.query(Self.terminate, [.int4(process)])
    }
}
