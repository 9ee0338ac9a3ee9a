import Foundation
import Logging
import PostgresPipeline
import Secrets
import SessionStoreConformance
import Sessions
import TestSupport

/// A fresh migrated database, a client, and a store over it.
struct StoreFixture: Sendable {
    let connectionString: String
    let client: PostgresClient
    let keyRing: KeyRing
    let store: PostgresSessionStore
    let log: LogRecorder

    static func with<Value>(
        migrated: Bool = true,
        connections: Int = 2,
        _ body: (StoreFixture) async throws -> Value
    ) async throws -> Value {
        try await TestDatabase.shared.withDatabase(migrated: migrated) { connectionString in
            try await connected(to: connectionString, connections: connections, body)
        }
    }

    /// Another client and store over the same database, as another replica has them.
    func replica<Value>(
        keyRing: KeyRing? = nil,
        connections: Int = 2,
        _ body: (StoreFixture) async throws -> Value
    ) async throws -> Value {
        try await Self.connected(to: connectionString, connections: connections, keyRing: keyRing, body)
    }

    /// The same over a database that somebody made and migrated.
    static func connected<Value>(
        to connectionString: String,
        connections: Int = 2,
        keyRing: KeyRing? = nil,
        _ body: (StoreFixture) async throws -> Value
    ) async throws -> Value {
        var configuration = PostgresConfiguration(connectionString: Secret(connectionString))
        configuration.writeConnections = connections
        configuration.requestTimeout = .seconds(30)
        configuration.statementTimeout = .seconds(30)
        let log = LogRecorder()
        let client = PostgresClient(configuration: configuration, logger: log.logger)
        let keyRing = try keyRing ?? makeRing("a")
        let store = PostgresSessionStore(client: client, keyRing: keyRing, logger: log.logger)
        let fixture = StoreFixture(
            connectionString: connectionString,
            client: client,
            keyRing: keyRing,
            store: store,
            log: log
        )
        let running = Task { try await client.run() }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(fixture))
        } catch {
            result = .failure(error)
        }
        running.cancel()
        _ = await running.result
        return try result.get()
    }

    func manager(_ policy: SessionPolicy = SessionPolicy()) -> SessionManager {
        SessionManager(store: store, policy: policy, logger: log.logger)
    }

    var underTest: StoreUnderTest { StoreUnderTest(store: store) { try await pass($0) } }

    /// Makes every row older, which is what time does to them.
    func pass(_ duration: Duration) async throws {
        try await execute(
            """
            UPDATE sessions
            SET
                created_at = created_at - interval '\(duration.components.seconds) seconds',
                last_accessed_at = last_accessed_at - interval '\(duration.components.seconds) seconds',
                expires_at = expires_at - interval '\(duration.components.seconds) seconds',
                revoked_at = revoked_at - interval '\(duration.components.seconds) seconds',
                token_expires_at = token_expires_at - interval '\(duration.components.seconds) seconds',
                refreshed_at = refreshed_at - interval '\(duration.components.seconds) seconds',
                refresh_lease_until = refresh_lease_until - interval '\(duration.components.seconds) seconds',
                refresh_retry_at = refresh_retry_at - interval '\(duration.components.seconds) seconds',
                id_token_issued_at = id_token_issued_at - interval '\(duration.components.seconds) seconds'
            """
        )
        try await execute(
            """
            UPDATE logout_tokens
            SET
                issued_at = issued_at - interval '\(duration.components.seconds) seconds',
                expires_at = expires_at - interval '\(duration.components.seconds) seconds'
            """
        )
    }

    /// Runs a script past the store.
    func execute(_ script: String) async throws {
        _ = try await client.write(PostgresStatement(script), [])
    }

    /// The rows of a query past the store, each column as text.
    func texts(_ query: String) async throws -> [[String?]] {
        let result = try await client.write(PostgresStatement(query), [])
        return try (0..<result.rowCount).map { row in
            try (0..<result.columnCount).map { try result[row].optionalText($0) }
        }
    }

    /// The first column of the first row, as text.
    func text(_ query: String) async throws -> String? {
        try await texts(query).first?.first ?? nil
    }

    /// Every row of every table, as text.
    func dump() async throws -> String {
        var dump = ""
        for table in ["sessions", "audit_log", "logout_tokens"] {
            // Not of a database that is migrated half-way.
            guard try await text("SELECT to_regclass('\(table)')::text") != nil else { continue }
            let rows = try await texts("SELECT t::text FROM \(table) AS t")
            dump += rows.joined().map { $0 ?? "" }.joined(separator: "\n")
        }
        return dump
    }
}
