public import Logging
public import ServiceLifecycle

/// An asynchronous Postgres client over libpq in pipeline mode: few connections, many requests on each.
///
/// Every connection has one thread of its own that sends what waits together and resumes waiters together; nothing
/// blocks Swift's cooperative threads. Requests made before ``run()`` has begun, or while the database is away, wait
/// for at most ``PostgresConfiguration/requestTimeout``.
public final class PostgresClient: Service, Sendable {
    let configuration: PostgresConfiguration
    let logger: Logger

    /// A client; connections are opened when ``run()`` begins.
    public init(configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Whether at least one connection for reads and one for writes is up.
    public var isConnected: Bool { false }
}
