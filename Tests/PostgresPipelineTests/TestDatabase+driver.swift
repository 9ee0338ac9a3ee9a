import PostgresPipeline
import TestSupport

extension TestDatabase {
    /// A client on an empty database whose timeouts a busy machine does not reach by itself.
    func withDriver<Value: Sendable>(
        configure: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresClient) async throws -> Value
    ) async throws -> Value {
        try await withClient(
            migrated: false,
            configure: { configuration in
                configuration.statementTimeout = .seconds(60)
                configuration.requestTimeout = .seconds(60)
                configure(&configuration)
            },
            body
        )
    }
}
