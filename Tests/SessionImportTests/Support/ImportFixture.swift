import Foundation
import PostgresPipeline
import Secrets
import SessionImport
import Sessions
import TestSupport

/// A migrated database with another system's tables beside ours.
struct ImportFixture: Sendable {
    static let issuer = "https://login.example.com"

    let client: PostgresClient
    let store: PostgresSessionStore

    static func with<R: Sendable>(
        _ tables: String,
        _ body: @Sendable (ImportFixture) async throws -> R
    ) async throws -> R {
        let ring = try KeyRing(secrets: [Secret(Array(repeating: 7, count: 32))])
        return try await TestDatabase.shared.withClient { client in
            try await client.withDedicatedConnection { try await $0.execute(script: tables) }
            let store = PostgresSessionStore(client: client, keyRing: ring, logger: TestDatabase.silentLogger)
            return try await body(ImportFixture(client: client, store: store))
        }
    }

    func manager(_ policy: SessionPolicy = SessionPolicy()) -> SessionManager {
        SessionManager(store: store, policy: policy, logger: TestDatabase.silentLogger)
    }

    func importer(_ policy: SessionPolicy = SessionPolicy()) -> SessionImporter {
        SessionImporter(source: client, store: store, policy: policy, logger: TestDatabase.silentLogger)
    }

    /// Runs an import of a system whose issuer is the one of these tests.
    func run(
        _ system: SourceSystem,
        _ change: (inout ImportPlan) -> Void = { _ in },
        policy: SessionPolicy = SessionPolicy()
    ) async throws -> ImportReport {
        var plan = ImportPlan(system: system, issuer: Self.issuer)
        change(&plan)
        return try await importer(policy).run(plan)
    }

    /// The live session of an id that the other system gave out.
    func session(_ id: String) async throws -> Session? {
        guard let id = SessionID(documented: id) else { return nil }
        return try await manager().getSession(id)
    }

    /// The first column of a query, as text.
    func texts(_ query: String) async throws -> [String?] {
        let result = try await client.read(PostgresStatement(query))
        return try (0..<result.rowCount).map { try result[$0].optionalText(0) }
    }

    func count(_ table: String) async throws -> Int {
        Int(try await client.read(PostgresStatement("SELECT count(*) FROM \(table)")).first?.int8(0) ?? -1)
    }
}
