import CLibpq
import Glibc
import Logging
import Synchronization

/// One libpq connection and everything that happens on it.
///
/// It lives on its own thread and is touched by no other.
/// The rules of pipeline mode that it follows are in libpq's documentation, "Pipeline Mode"; why it batches as it
/// does was measured: one sync point for each batch of reads, one for each write, resumptions together.
final class ConnectionEngine {
    enum Link {
        /// Not connected; tries again at that moment.
        case down(until: MonotonicTime)
        case connecting(PostgresPollingStatusType, deadline: MonotonicTime)
        /// Connected, the session's script on its way.
        case preparing(deadline: MonotonicTime)
        case ready
        /// Lost, and not to be made again.
        case over
    }

    let plan: ConnectionPlan
    let mailbox: Mailbox
    let metrics: ConnectionMetrics

    var link = Link.down(until: .now)
    var connection: OpaquePointer?
    var now = MonotonicTime.now
    /// Which session of this connection it is; requests of a scope belong to one.
    var epoch = 0
    /// Since when the session lasts.
    var readySince = MonotonicTime.now
    var failedAttempts = 0
    var rotation = 0
    var lastFailure: ConnectionFailure?
    var lostAt: MonotonicTime?
    /// When a shutdown stops waiting for answers.
    var drainDeadline = MonotonicTime.never

    /// Accepted and not sent.
    var waiting = Fifo<Request>()
    /// To be sent behind a sync point of their own, before all others.
    var alone = Fifo<Request>()
    /// Sent and not answered.
    var expected = Fifo<Expected>()
    var inFlight = 0
    /// Since when the server has been silent although answers are expected.
    var silentSince = MonotonicTime.now
    /// While set, nothing is sent: a transaction, a cleanup or a script must be answered first.
    var isBarred = false
    var needsFlush = false
    /// While a new session is asked for its process.
    var isIdentifying = false
    /// The process of the server that the new session runs in.
    var serverProcess: Int32?
    /// Whether the session of a scope is inside a transaction, as of the last sync point.
    var isInTransaction = false
    /// The statements that this session knows, those being prepared included.
    var prepared: Set<PostgresStatement> = []
    /// Statements that the server knows and whose plans it refuses since their tables changed: prepared anew when used.
    var stale: Set<PostgresStatement> = []
    /// Whether the scope that has the connection changed settings of the session.
    var isChanged = false
    /// Goes up when the server forgot statements that it knew; part of their names from then on, because nobody can
    /// tell which of the old names are still taken.
    var generation = 0
    /// Answers that came out of the last read of the socket, delivered together.
    var answers: [(request: Request, answer: Answer)] = []

    var head = HeadState()
    var group = GroupState()
    var parameters = ParameterScratch()
    /// How many answers the last delivery had.
    var recentlyAnswered = 0
    var descriptors = [pollfd(), pollfd()]
    private var arrivals: [Request] = []
    /// At how many that wait those that were cancelled are looked for.
    private var sweepAt = 1_024

    init(plan: ConnectionPlan, mailbox: Mailbox) {
        self.plan = plan
        self.mailbox = mailbox
        self.metrics = ConnectionMetrics(connection: plan.label)
    }

    /// Works until the mailbox is closed.
    func run() {
        while true {
            let (phase, isLeased) = mailbox.takeArrivals(into: &arrivals)
            now = .now
            for request in arrivals { accept(request) }
            sweep()
            arrivals.removeAll(keepingCapacity: true)
            if hasToEnd(phase, isLeased) { break }
            advance()
            expire()
            deliver()
            metrics.record(inFlight: inFlight, queued: plan.bound.count)
            sleep()
        }
        close()
    }

    private func accept(_ request: Request) {
        switch (request.kind, link) {
        case (_, .over):
            refuse(request, lossError())
        case (.scoped, .ready), (.script, .ready), (.scopeEnd, .ready):
            waiting.append(request)
        case (.scoped, _), (.script, _), (.scopeEnd, _):
            // Its session is gone, and with it the transaction or lock that it relies on.
            refuse(request, sessionError())
        default:
            waiting.append(request)
        }
    }

    /// Counts out what was cancelled while it waited, which otherwise keeps its memory until its time is up.
    private func sweep() {
        guard waiting.count >= sweepAt else { return }
        for request in waiting.removeAll() {
            if request.isFinished { answer(request, .failure(lossError())) } else { waiting.append(request) }
        }
        sweepAt = max(1_024, waiting.count * 2)
    }

    private func hasToEnd(_ phase: Mailbox.Phase, _ isLeased: Bool) -> Bool {
        switch phase {
        case .open: return false
        case .stopped: return true
        case .draining:
            if drainDeadline == .never { drainDeadline = now.advanced(by: plan.drainTimeout) }
            if drainDeadline <= now { return true }
            if isLeased { return false }
            if case .ready = link { return waiting.isEmpty && alone.isEmpty && expected.isEmpty }
            // Nobody waits out an outage in order to shut down; but what was accepted while the first connection is
            // being made is answered.
            return epoch > 0 || failedAttempts > 0 || waiting.isEmpty
        }
    }

    private func advance() {
        switch link {
        case .down(let until):
            if until <= now { startConnecting() }
        case .connecting(_, let deadline), .preparing(let deadline):
            if deadline <= now {
                rotation += 1
                failConnecting(.timedOut)
            }
        case .ready:
            send()
        case .over:
            break
        }
    }

    /// Takes a request out of the queue for good.
    func answer(_ request: Request, _ answer: Answer) {
        answers.append((request, answer))
    }

    /// Answers a request that was not sent.
    func refuse(_ request: Request, _ error: PostgresError) {
        answer(request, .failure(error))
    }

    /// Resumes the tasks whose answers are there, all at once.
    func deliver() {
        guard !answers.isEmpty else { return }
        recentlyAnswered = answers.count
        mailbox.load.wrappingSubtract(answers.count, ordering: .relaxed)
        for (request, answer) in answers { request.finish(answer) }
        answers.removeAll(keepingCapacity: true)
    }

    private func close() {
        let error = PostgresError(code: .closed, message: "the client was shut down")
        if !expected.isEmpty, let connection { StatementCanceller.cancel(on: connection) }
        loseExpected(retry: false)
        for request in waiting.removeAll() { refuse(request, error) }
        closeConnection()
        plan.listening?.end()
        for request in mailbox.end() { refuse(request, error) }
        deliver()
    }

    func closeConnection() {
        if let connection { PQfinish(connection) }
        connection = nil
        mailbox.isConnected.store(false, ordering: .relaxed)
    }
}
