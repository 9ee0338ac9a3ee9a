public import Logging
public import PostgresPipeline
import Secrets

extension TestDatabase {
    /// Where tests' log lines go: nowhere.
    public static let silentLogger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    /// Makes a database, runs a client on it, and drops it.
    ///
    /// - Parameters:
    ///   - migrated: whether all migrations are applied to it.
    ///   - configure: changes the client's configuration.
    ///   - body: gets the running client.
    public func withClient<R: Sendable>(
        migrated: Bool = true,
        configure: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresClient) async throws -> R
    ) async throws -> R {
        try await withDatabase(migrated: migrated) { uri in
            var configuration = PostgresConfiguration(connectionString: Secret(uri))
            configure(&configuration)
            return try await PostgresClient.withClient(
                configuration: configuration,
                logger: Self.silentLogger,
                body
            )
        }
    }
}
