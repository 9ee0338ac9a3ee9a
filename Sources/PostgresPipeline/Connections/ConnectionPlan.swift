import Logging

/// What one connection's thread needs to know.
struct ConnectionPlan: Sendable {
    /// What a listener's connection tells.
    struct Listening: Sendable {
        let channels: [String]
        let tell: @Sendable (PostgresNotificationEvent) -> Void
        /// Called once, when the connection is given up for good.
        let end: @Sendable () -> Void
    }

    /// Names the connection in logs and metrics: `read-0`, `write-3`, `dedicated`, `listen`.
    let label: String
    let connectionString: ConnectionString
    let applicationName: String
    /// Zero switches the server's own off; `nil` leaves it.
    let statementTimeout: Duration?
    /// What transactions run at that don't ask for something else; `nil` leaves the server's own.
    let isolation: TransactionOptions.Isolation?
    let connectTimeout: Duration
    /// How long the server may be silent while answers are expected; `nil`: for ever.
    let patience: Duration?
    /// How long a shutdown waits for what was accepted.
    let drainTimeout: Duration
    let maximumInFlight: Int
    /// Whether a lost connection is made again; without, its end is the end of the thread's work.
    let reconnects: Bool
    var listening: Listening?
    /// What is known of a pooler in between; shared by the connections of a client.
    let pooler: PoolerProbe
    let logger: Logger
    let bound: QueueBound
    /// Hands a request that waits here to a connection that is up; `false` when there is none.
    var passOn: @Sendable (Request) -> Bool = { _ in false }

    /// The statements that make a session's settings.
    ///
    /// SET rather than a startup option: connection poolers refuse startup options that they don't know.
    var settings: [String] {
        var settings: [String] = []
        if let statementTimeout { settings.append("SET statement_timeout = \(statementTimeout.wholeMilliseconds)") }
        if let isolation { settings.append("SET default_transaction_isolation = '\(isolation.sql.lowercased())'") }
        return settings
    }

    /// The script that a new session begins with.
    var sessionScript: String {
        var script = settings.map { "\($0);" }.joined()
        for channel in listening?.channels ?? [] {
            let pieces = channel.split(separator: "\"", omittingEmptySubsequences: false)
            script += "LISTEN \"\(pieces.joined(separator: "\"\""))\";"
        }
        return script
    }
}
