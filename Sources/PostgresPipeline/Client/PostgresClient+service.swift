public import Logging

extension PostgresClient {
    /// Connects and stays connected until graceful shutdown or cancellation; what was accepted until then is answered.
    ///
    /// An outage of the database never ends it. Throws only ``PostgresError`` with the code `configuration`.
    public func run() async throws {
        throw PostgresError(code: .closed, message: "the client was shut down")
    }

    /// Runs a client for the length of a scope, for tests and commands.
    public static func withClient<Value: Sendable>(
        configuration: PostgresConfiguration,
        logger: Logger,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresClient) async throws -> Value
    ) async throws -> Value {
        let client = PostgresClient(configuration: configuration, logger: logger)
        return try await body(client)
    }
}
