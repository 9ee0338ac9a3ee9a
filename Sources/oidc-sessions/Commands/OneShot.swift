import Logging
import Migrations
import Observability
import PostgresPipeline

/// What commands that do one thing and end have in common.
struct OneShot {
    let settings: Settings
    let logger: Logger

    /// - Parameter verbose: shows what is only of interest when somebody looks.
    init(settings: Settings, verbose: Bool = false) {
        self.settings = settings
        // The answer goes to standard output; the everyday lines of a server would only repeat it.
        let level = verbose ? .debug : settings.logLevel == .info ? .notice : settings.logLevel
        logger = Logger(label: "oidc-sessions") { label in
            StructuredLogHandler(label: label, format: .text, level: level)
        }
    }

    /// Runs a client on the database of the settings.
    func withClient<R: Sendable>(_ body: (PostgresClient) async throws -> R) async throws -> R {
        guard let database = settings.database else {
            throw ProgramError(.misused, "DATABASE_URL: is not set")
        }
        return try await PostgresClient.withClient(configuration: database, logger: logger, body)
    }

    /// The same, on a database that has been migrated to what this program was written for.
    func withMigratedClient<R: Sendable>(_ body: (PostgresClient) async throws -> R) async throws -> R {
        try await withClient { client in
            try await Migrator(client: client, source: try .embedded(), logger: logger).verify()
            return try await body(client)
        }
    }
}
