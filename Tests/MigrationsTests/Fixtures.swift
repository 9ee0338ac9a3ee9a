import Logging
import Migrations
import PostgresPipeline
import Secrets
import TestSupport

/// Migrations made up for a test: file names to scripts.
func source(_ files: KeyValuePairs<String, String>) throws -> MigrationSource {
    try MigrationSource(
        files: files.map { try MigrationFile(fileName: $0.key, contents: Array($0.value.utf8)) }
    )
}

extension Migrator {
    /// A runner that says nothing.
    init(_ client: PostgresClient, _ source: MigrationSource, options: Options = .init()) {
        self.init(client: client, source: source, options: options, logger: TestDatabase.silentLogger)
    }
}

extension PostgresClient {
    /// Runs a script as it is.
    func script(_ text: String) async throws {
        try await withDedicatedConnection { try await $0.execute(script: text) }
    }

    /// One number.
    func number(_ sql: String) async throws -> Int64 {
        let row = try await read(PostgresStatement("SELECT (\(sql))::int8", parameters: [])).first
        return try row?.int8(0) ?? 0
    }
}
