import Foundation
import Logging
import PostgresPipeline
import PrivatePostgres
import Secrets

/// The private Postgres that is measured on; commits go to the disk as they would in production.
struct BenchmarkServer: Sendable {
    let postgres: PrivatePostgres
    /// A directory for scripts and logs, removed with the server.
    let scratch: URL

    static func run(_ body: (BenchmarkServer) async throws -> Void) async throws {
        let scratch = FileManager.default.temporaryDirectory
            .appending(path: "oidc-sessions-benchmark-\(UUID().uuidString.prefix(8).lowercased())")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        var options = PrivatePostgres.Options()
        options.settings = ["max_connections": "400", "shared_buffers": "'256MB'", "max_wal_size": "'4GB'"]
        progress("starting a private Postgres")
        let postgres = try await PrivatePostgres.start(directory: scratch.appending(path: "server"), options: options)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(BenchmarkServer(postgres: postgres, scratch: scratch)))
        } catch {
            outcome = .failure(error)
        }
        try await postgres.stop()
        try outcome.get()
    }

    func withClient<Value: Sendable>(
        _ body: (PostgresClient) async throws -> Value
    ) async throws -> Value {
        try await PostgresClient.withClient(
            configuration: PostgresConfiguration(connectionString: Secret(postgres.connectionString)),
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() },
            body
        )
    }
}

/// Tells what is going on, apart from the tables.
func progress(_ text: String) {
    FileHandle.standardError.write(Data("... \(text)\n".utf8))
}
