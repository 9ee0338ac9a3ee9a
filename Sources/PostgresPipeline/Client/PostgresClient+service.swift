public import Logging
import ServiceLifecycle

extension PostgresClient {
    /// Connects and stays connected until graceful shutdown or cancellation.
    ///
    /// What was accepted until then is answered, and scopes that are open are left to end, for at most the request
    /// timeout.
    /// An outage of the database never ends it. Throws only ``PostgresError`` with the code `configuration`.
    public func run() async throws {
        try start()
        // Never yields: it ends by cancellation, which graceful shutdown becomes here.
        let (forever, continuation) = AsyncStream<Never>.makeStream()
        await cancelWhenGracefulShutdown {
            for await _ in forever {}
        }
        continuation.finish()
        await shutDown()
    }

    /// Runs a client for the length of a scope, for tests and commands.
    public static func withClient<Value: Sendable>(
        configuration: PostgresConfiguration,
        logger: Logger,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresClient) async throws -> Value
    ) async throws -> Value {
        let client = PostgresClient(configuration: configuration, logger: logger)
        try client.start()
        do {
            let value = try await body(client)
            await client.shutDown()
            return value
        } catch {
            await client.shutDown()
            throw error
        }
    }
}
