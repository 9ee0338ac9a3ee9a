import Foundation
import PostgresPipeline
import Secrets
import TestSupport
import Testing

/// A migrated database of one test, with the program beside it.
struct ProgramDatabase {
    let uri: String
    let client: PostgresClient

    static func withDatabase(_ body: (ProgramDatabase) async throws -> Void) async throws {
        try await TestDatabase.shared.withDatabase { uri in
            try await PostgresClient.withClient(
                configuration: PostgresConfiguration(connectionString: Secret(uri)),
                logger: TestDatabase.silentLogger
            ) { client in
                try await body(ProgramDatabase(uri: uri, client: client))
            }
        }
    }

    /// Runs the program on the database.
    func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Program.Outcome {
        try await Program.run(arguments, environment: ["DATABASE_URL": uri].merging(environment) { $1 })
    }

    func execute(_ script: String) async throws {
        try await client.withDedicatedConnection { try await $0.execute(script: script) }
    }

    /// The number that a query answers.
    func number(_ sql: String) async throws -> Int64 {
        try #require(try await client.read(PostgresStatement(sql)).first).int8(0)
    }

    /// The texts that a query answers, one column.
    func texts(_ sql: String) async throws -> [String] {
        try await client.read(PostgresStatement(sql)).decode { try $0.text(0) }
    }

    /// Adds sessions that are alive, and answers the handle of each.
    ///
    /// - Parameters:
    ///   - names: what their ids are the digests of; the first is the oldest.
    ///   - set: further columns of theirs as SQL: `ip_address = '…'`.
    @discardableResult
    func addSessions(
        _ names: [String],
        subject: String,
        issuer: String = "https://login.example.com",
        tenant: String = "",
        set: String? = nil
    ) async throws -> [String] {
        let statement = PostgresStatement(
            """
            INSERT INTO sessions (id, kind, sub, issuer, tenant_id, created_at, last_accessed_at, expires_at)
            SELECT
                encode(sha256(name::bytea), 'hex'), 'session', $2, $3, $4,
                now() - interval '10 minutes' + place * interval '1 millisecond', now(), now() + interval '1 day'
            FROM unnest($1) WITH ORDINALITY AS n (name, place)
            ON CONFLICT DO NOTHING
            RETURNING left(id, 32)
            """,
            parameters: [.textArray, .text, .text, .text]
        )
        let values: [PostgresValue] = [.textArray(names), .text(subject), .text(issuer), .text(tenant)]
        let handles = try await client.write(statement, values).decode { try $0.text(0) }
        if let set {
            let list = handles.map { "'\($0)'" }.joined(separator: ", ")
            try await execute("UPDATE sessions SET \(set) WHERE left(id, 32) IN (\(list))")
        }
        return handles
    }
}
