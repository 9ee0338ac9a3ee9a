public import Secrets

/// How a ``PostgresClient`` connects and where its bounds are.
public struct PostgresConfiguration: Sendable {
    /// A libpq URI or keyword string; every libpq option works, several hosts and `target_session_attrs` included.
    ///
    /// Source: PostgreSQL documentation, "Connection Strings". `connect_timeout` in it is replaced by
    /// ``connectTimeout``. Host names are looked up by the system, which may block one connection's thread for longer
    /// than that; `hostaddr` avoids it.
    public var connectionString: Secret<String>
    /// Connections for ``PostgresClient/read(_:_:)-(_,PostgresValue...)``, pipelined, each batch with one sync point.
    ///
    /// One carries more than a hundred thousand small reads a second: `performance.md` of the project.
    public var readConnections: Int = 1
    /// Connections for writes and transactions, apart from the reads because each commit's flush holds up what is
    /// behind it.
    public var writeConnections: Int = 4
    /// How many requests one connection may have sent and not yet answered.
    public var maximumInFlight: Int = 256
    /// How many requests may wait to be sent, all connections together; one more is refused with `busy`.
    public var maximumQueued: Int = 4096
    /// How many connections of ``PostgresClient/withDedicatedConnection(statementTimeout:isolation:_:)`` may be open at
    /// a time.
    public var maximumDedicated: Int = 8
    /// `statement_timeout` of every pooled connection; zero leaves the server's own.
    ///
    /// Neither negative nor more than 2147483647 ms, which is what the server can count.
    public var statementTimeout: Duration = .seconds(5)
    /// How long a request may wait for a connection and its answer.
    public var requestTimeout: Duration = .seconds(10)
    /// How long one attempt to connect may take, all hosts of the connection string together.
    public var connectTimeout: Duration = .seconds(5)
    /// What transactions run at that don't ask for something else; `nil` leaves the server's own default.
    ///
    /// Whoever takes a lock and acts on what he reads behind it relies on `READ COMMITTED`: at the other levels he would
    /// see what was there before the lock. A role or database may have another default.
    public var defaultIsolation: TransactionOptions.Isolation? = .readCommitted
    /// Shown in `pg_stat_activity`, unless the connection string names another.
    public var applicationName: String = "oidc-sessions"

    /// A configuration with the defaults above.
    public init(connectionString: Secret<String>) {
        self.connectionString = connectionString
    }
}
