import Logging
import OpenIDConnect
import Secrets
import Sessions
import Synchronization

/// Takes refresh tokens back at their provider once they are of no use here (RFC 7009): behind the answers, each once,
/// within bounds.
///
/// With one token a provider may take back everything of its grant (section 2.1), and some know one grant for user and
/// client, however many logins there were. So nothing is taken back while the user has another live session of the
/// issuer, which is asked right before. Access tokens are left to expire, or go with the refresh token.
///
/// Each provider's host has a queue and workers of its own: one that hangs holds up no other's.
///
/// The session is over before that, and nobody waits for it: a provider that is down or slow keeps no one signed in and
/// no one waiting. What isn't done by the end of a graceful shutdown is given up; tokens expire by themselves.
final class TokenRevoker: Sendable {
    private struct Job: Sendable {
        let token: Secret<String>
        let user: UserKey
        let provider: RelyingParty
        /// Knows whether the user has another session.
        let manager: SessionManager
    }

    /// What is to be done at one host.
    private struct Queue: Sendable {
        var waiting: [Job] = []
        var workers = 0
    }

    private struct State: Sendable {
        var queues: [String: Queue] = [:]
        var workers: [Int: Task<Void, Never>] = [:]
        var nextWorker = 0
        var isOver = false
    }

    private let pacing: RevocationPacing
    private let clock: MonotonicClock
    private let logger: Logger
    private let state = Mutex(State())

    init(
        pacing: RevocationPacing,
        clock: MonotonicClock,
        logger: Logger
    ) {
        self.pacing = pacing
        self.clock = clock
        self.logger = logger
    }

    /// Begins to take a refresh token of a user back, if there is one; returns at once.
    ///
    /// - Parameter manager: whom to ask for the user's other sessions.
    func revoke(_ token: Secret<String>?, of user: UserKey, at provider: RelyingParty, asking manager: SessionManager) {
        guard provider.configuration.options.revokesTokens, let token else { return }
        let job = Job(token: token, user: user, provider: provider, manager: manager)
        let host = provider.configuration.issuerOrigin
        let isTaken = state.withLock { state in
            var queue = state.queues[host] ?? Queue()
            guard !state.isOver, queue.waiting.count < pacing.maximumWaiting else { return false }
            queue.waiting.append(job)
            if queue.workers < pacing.maximumAtOnce {
                queue.workers += 1
                let number = state.nextWorker
                state.nextWorker += 1
                state.workers[number] = Task { await self.work(number, at: host) }
            }
            state.queues[host] = queue
            return true
        }
        if !isTaken { LoginMetrics.revoked(.givenUp, provider: provider.configuration.name) }
    }

    /// Waits until nothing is left to do.
    func finish() async {
        while let worker = state.withLock({ $0.workers.values.first }) { await worker.value }
    }

    /// Gives up whatever isn't done, now and later.
    func giveUp() {
        let (workers, left) = state.withLock { state in
            let left = state.queues.values.flatMap(\.waiting)
            for host in state.queues.keys { state.queues[host]?.waiting = [] }
            state.isOver = true
            return (Array(state.workers.values), left)
        }
        for worker in workers { worker.cancel() }
        for job in left { LoginMetrics.revoked(.givenUp, provider: job.provider.configuration.name) }
    }

    private func work(_ number: Int, at host: String) async {
        while let job = next(for: number, at: host) {
            let outcome = await self.outcome(of: job)
            LoginMetrics.revoked(outcome, provider: job.provider.configuration.name)
        }
    }

    /// The next job; without one the worker is done, and whoever adds one starts another.
    private func next(for number: Int, at host: String) -> Job? {
        state.withLock { state in
            guard var queue = state.queues[host], !queue.waiting.isEmpty else {
                state.workers[number] = nil
                state.queues[host]?.workers -= 1
                if state.queues[host]?.workers == 0 { state.queues[host] = nil }
                return nil
            }
            let job = queue.waiting.removeFirst()
            state.queues[host] = queue
            return job
        }
    }

    private func outcome(of job: Job) async -> LoginMetrics.Revocation {
        do {
            return try await within(pacing.limit, by: clock) { await self.send(job) }
        } catch {
            return .givenUp
        }
    }

    private func send(_ job: Job) async -> LoginMetrics.Revocation {
        do {
            guard try await job.manager.getUserSessions(job.user).isEmpty else { return .shared }
            return try await job.provider.revoke(job.token, kind: .refreshToken) ? .revoked : .notOffered
        } catch {
            if Task.isCancelled { return .givenUp }
            logger.warning(
                "A refresh token was not taken back",
                metadata: ["provider": "\(job.provider.configuration.name)", "error": "\(LoginError(error))"]
            )
            return .failed
        }
    }
}
