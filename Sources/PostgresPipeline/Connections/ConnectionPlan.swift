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
    let connectTimeout: Duration
    /// How long the server may be silent while answers are expected; `nil`: for ever.
    let patience: Duration?
    /// How long a shutdown waits for what was accepted.
    let drainTimeout: Duration
    let maximumInFlight: Int
    /// Whether a lost connection is made again; without, its end is the end of the thread's work.
    let reconnects: Bool
    var listening: Listening?
    let logger: Logger
    let bound: QueueBound
    /// Hands a request that waits here to a connection that is up; `false` when there is none.
    var passOn: @Sendable (Request) -> Bool = { _ in false }

    /// The script that a new session begins with.
    ///
    /// SET rather than a startup option: connection poolers refuse startup options that they don't know.
    var sessionScript: String {
        var script = ""
        if let statementTimeout { script += "SET statement_timeout = \(statementTimeout.wholeMilliseconds);" }
        for channel in listening?.channels ?? [] {
            let pieces = channel.split(separator: "\"", omittingEmptySubsequences: false)
            script += "LISTEN \"\(pieces.joined(separator: "\"\""))\";"
        }
        return script
    }
}
