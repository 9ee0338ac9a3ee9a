public import Logging
public import ServiceLifecycle
import Synchronization

/// An asynchronous Postgres client over libpq in pipeline mode: few connections, many requests on each.
///
/// Every connection has one thread of its own that sends what waits together and resumes waiters together; nothing
/// blocks Swift's cooperative threads. Requests made while the database is away wait for at most
/// ``PostgresConfiguration/requestTimeout``. Connections are opened when ``run()`` begins or with the first request,
/// whichever is earlier, and closed when ``run()`` ends.
public final class PostgresClient: Service, Sendable {
    let configuration: PostgresConfiguration
    let logger: Logger
    let connectionString: Result<ConnectionString, PostgresError>
    let bound: QueueBound
    let reads: ConnectionPool
    let writes: ConnectionPool
    let leases: LeaseDesk
    /// The places of dedicated connections.
    let dedicated: QueueBound
    private let pooler = PoolerProbe()
    private let hasStarted = Atomic<Bool>(false)
    /// The connections of scopes and listeners; `nil` once the client is shut down.
    private let satellites = Mutex<[ObjectIdentifier: Mailbox]?>([:])

    /// A client; nothing is opened yet.
    ///
    /// A connection string that libpq can't read is reported by ``run()`` and by every request. Fewer than one
    /// connection for reads count as one, fewer than two for writes as two: one may be leased by a transaction.
    public init(configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        let text = configuration.connectionString
        connectionString = Result { () throws(PostgresError) in try ConnectionString(text) }
        bound = QueueBound(maximum: configuration.maximumQueued)
        dedicated = QueueBound(maximum: configuration.maximumDedicated)
        reads = ConnectionPool(size: max(1, configuration.readConnections), bound: bound)
        writes = ConnectionPool(size: max(2, configuration.writeConnections), bound: bound)
        leases = LeaseDesk(mailboxes: writes.mailboxes)
    }

    deinit {
        for mailbox in reads.mailboxes + writes.mailboxes { mailbox.close(.stopped) }
        for mailbox in satellites.withLock({ $0 ?? [:] }).values { mailbox.close(.stopped) }
    }

    /// Whether at least one connection for reads and one for writes is up.
    public var isConnected: Bool { reads.isConnected && writes.isConnected }

    /// Starts the threads of the pooled connections, once.
    func start() throws(PostgresError) {
        if hasStarted.load(ordering: .relaxed) { return }
        let connectionString = try connectionString.get()
        // A mistake of the configuration is thrown every time.
        _ = try plan("", connectionString, configuration.statementTimeout)
        guard !hasStarted.exchange(true, ordering: .relaxed) else { return }
        for (kind, pool) in [("read", reads), ("write", writes)] {
            for (index, mailbox) in pool.mailboxes.enumerated() {
                var plan = try plan("\(kind)-\(index)", connectionString, configuration.statementTimeout)
                plan.passOn = { [weak pool] request in pool?.passOn(request) ?? false }
                ConnectionThread.start(plan, mailbox)
            }
        }
    }

    /// Starts a connection beside the pools, for a scope or a listener.
    func startSatellite(_ mailbox: Mailbox, _ plan: ConnectionPlan) throws(PostgresError) {
        guard mailbox.wakeUp.descriptor >= 0 else {
            throw PostgresError(code: .unavailable, message: "the process has no file descriptor left")
        }
        let isOpen = satellites.withLock { satellites in
            satellites?[ObjectIdentifier(mailbox)] = mailbox
            return satellites != nil
        }
        guard isOpen else { throw PostgresError(code: .closed, message: "the client was shut down") }
        ConnectionThread.start(plan, mailbox)
    }

    func endSatellite(_ mailbox: Mailbox) {
        mailbox.close(.stopped)
        satellites.withLock { _ = $0?.removeValue(forKey: ObjectIdentifier(mailbox)) }
    }

    /// Answers what was accepted, refuses what comes later, and closes every connection.
    func shutDown() async {
        let satellites = satellites.withLock { satellites in
            defer { satellites = nil }
            return satellites ?? [:]
        }
        let pooled = reads.mailboxes + writes.mailboxes
        for mailbox in pooled + satellites.values { mailbox.close(.draining) }
        let wasStarted = hasStarted.exchange(true, ordering: .relaxed)
        for mailbox in (wasStarted ? pooled : []) + satellites.values { await mailbox.waitForEnd() }
    }

    func plan(
        _ label: String,
        _ connectionString: ConnectionString,
        _ statementTimeout: Duration,
        reconnects: Bool = true
    ) throws(PostgresError) -> ConnectionPlan {
        guard statementTimeout >= .zero, statementTimeout.wholeMilliseconds <= Int64(Int32.max) else {
            throw PostgresError(code: .configuration, message: "the statement timeout is negative or too long")
        }
        // The server gives up on a statement first; only a server that doesn't is taken for dead.
        let patience = max(configuration.requestTimeout, statementTimeout + .seconds(1))
        return ConnectionPlan(
            label: label,
            connectionString: connectionString,
            applicationName: configuration.applicationName,
            statementTimeout: reconnects && statementTimeout == .zero ? nil : statementTimeout,
            isolation: configuration.defaultIsolation,
            connectTimeout: configuration.connectTimeout,
            patience: statementTimeout == .zero ? nil : patience,
            drainTimeout: patience,
            maximumInFlight: max(1, configuration.maximumInFlight),
            reconnects: reconnects,
            pooler: pooler,
            logger: logger,
            bound: bound
        )
    }
}
