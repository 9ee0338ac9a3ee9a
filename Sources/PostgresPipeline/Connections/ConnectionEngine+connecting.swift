import CLibpq
import Glibc
import Logging
import Metrics
import Synchronization

extension ConnectionEngine {
    /// Delays between attempts grow from the first to the longest; the real one is between half and the whole of it.
    var firstDelay: Duration { .milliseconds(50) }
    private var longestDelay: Duration { .seconds(2) }

    func startConnecting() {
        let connection = plan.connectionString.startConnecting(
            applicationName: plan.applicationName,
            rotation: rotation
        )
        self.connection = connection
        guard let connection else {
            failConnecting(ConnectionFailure(reason: "out of memory"))
            return
        }
        // Errors during connecting are known by SQLSTATE; notices are nobody's business and may quote values.
        PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE)
        PQsetNoticeReceiver(connection, { _, _ in }, nil)
        guard PQstatus(connection) != CONNECTION_BAD else {
            failConnecting(ConnectionFailure(connecting: connection))
            return
        }
        link = .connecting(PGRES_POLLING_WRITING, deadline: .now.advanced(by: plan.connectTimeout))
    }

    func continueConnecting(until deadline: MonotonicTime) {
        guard let connection else { return }
        let status = PQconnectPoll(connection)
        switch status {
        case PGRES_POLLING_OK: startSession(until: deadline)
        case PGRES_POLLING_FAILED: failConnecting(ConnectionFailure(connecting: connection))
        default: link = .connecting(status, deadline: deadline)
        }
    }

    private func startSession(until deadline: MonotonicTime) {
        guard let connection, PQsetnonblocking(connection, 1) == 0 else { return failConnecting(.closed) }
        isIdentifying = true
        serverProcess = nil
        run(PoolerProbe.identification, until: deadline)
    }

    private func run(_ script: String, until deadline: MonotonicTime) {
        guard let connection, PQsendQuery(connection, script) == 1 else { return failConnecting(.closed) }
        needsFlush = PQflush(connection) == 1
        link = .preparing(deadline: deadline)
    }

    func continueSession(until deadline: MonotonicTime) {
        guard let connection else { return }
        guard PQconsumeInput(connection) == 1 else { return failConnecting(.closed) }
        if needsFlush { needsFlush = PQflush(connection) == 1 }
        while case .preparing = link, PQisBusy(connection) == 0 {
            guard let result = PQgetResult(connection) else { return endScript(until: deadline) }
            defer { PQclear(result) }
            if PQresultStatus(result) == PGRES_FATAL_ERROR {
                let sqlState = PostgresError.sqlState(of: result)
                return failConnecting(ConnectionFailure(reason: "the session was refused", sqlState: sqlState))
            }
            if isIdentifying { serverProcess = PoolerProbe.process(in: result) }
        }
    }

    /// The script is answered: after the question whose session this is come the session's settings.
    private func endScript(until deadline: MonotonicTime) {
        guard let connection, isIdentifying else { return becomeReady() }
        isIdentifying = false
        // A pooler has numbers of its own for those who come to it.
        if let serverProcess, serverProcess != PQbackendPID(connection), plan.pooler.sharesSessions(of: self, deadline)
        {
            return failConnecting(.sharedSession)
        }
        let script = plan.sessionScript
        if script.isEmpty { becomeReady() } else { run(script, until: deadline) }
    }

    private func becomeReady() {
        guard let connection, PQenterPipelineMode(connection) == 1 else { return failConnecting(.closed) }
        link = .ready
        epoch += 1
        silentSince = now
        readySince = now
        failedAttempts = 0
        lastFailure = nil
        mailbox.isConnected.store(true, ordering: .relaxed)
        if let lostAt {
            metrics.reconnects.increment()
            let outage = (now.nanoseconds - lostAt.nanoseconds) / 1_000_000
            plan.logger.notice(
                "Postgres connection restored",
                metadata: ["connection": "\(plan.label)", "outage_ms": .stringConvertible(outage)]
            )
        } else {
            plan.logger.debug("Postgres connection made", metadata: ["connection": "\(plan.label)"])
        }
        lostAt = nil
        plan.listening?.tell(.listening)
        // They may have come along with the answer to LISTEN.
        takeNotifications()
        send()
    }

    /// The attempt failed: what waits goes to connections that are up, or waits on here.
    func failConnecting(_ failure: ConnectionFailure) {
        closeConnection()
        log(failure, "Postgres connection failed", isFirst: failedAttempts == 0 && lostAt == nil)
        lastFailure = failure
        if lostAt == nil { lostAt = now }
        failedAttempts += 1
        let delay = min(firstDelay * (1 << min(failedAttempts - 1, 10)), longestDelay)
        link = .down(until: now.advanced(by: delay * Double.random(in: 0.5...1)))
        if failure.isConfiguration {
            for request in waiting.removeAll() {
                refuse(request, PostgresError(code: .configuration, message: failure.reason))
            }
        }
        passOnWaiting()
    }

    func passOnWaiting() {
        for request in waiting.removeAll() {
            if request.isCounted, plan.passOn(request) {
                mailbox.load.wrappingSubtract(1, ordering: .relaxed)
            } else {
                waiting.append(request)
            }
        }
    }

    /// The first failure of an outage is a warning; its repetitions are of interest to nobody but a debugger.
    func log(_ failure: ConnectionFailure, _ message: Logger.Message, isFirst: Bool) {
        var metadata: Logger.Metadata = ["connection": "\(plan.label)", "reason": "\(failure.reason)"]
        if let sqlState = failure.sqlState { metadata["sqlstate"] = "\(sqlState)" }
        plan.logger.log(level: isFirst ? .warning : .debug, message, metadata: metadata)
    }
}
