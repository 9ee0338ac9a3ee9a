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
/// The session is over before that, and nobody waits for it: a provider that is down or slow keeps no one signed in and
/// no one waiting. What isn't done by the end of a graceful shutdown is given up; tokens expire by themselves.
final class TokenRevoker: Sendable {
    private struct Job: Sendable {
        let token: Secret<String>
        let user: UserKey
        let provider: RelyingParty
    }

    private struct State: Sendable {
        var waiting: [Job] = []
        var workers: [Int: Task<Void, Never>] = [:]
        var nextWorker = 0
        var isOver = false
    }

    private let manager: SessionManager
    private let tenantID: String
    private let pacing: RevocationPacing
    private let clock: MonotonicClock
    private let logger: Logger
    private let state = Mutex(State())

    init(
        manager: SessionManager,
        tenantID: String,
        pacing: RevocationPacing,
        clock: MonotonicClock,
        logger: Logger
    ) {
        self.manager = manager
        self.tenantID = tenantID
        self.pacing = pacing
        self.clock = clock
        self.logger = logger
    }

    /// Begins to take back what an ended session leaves behind; returns at once.
    func revoke(_ session: EndedSession, at provider: RelyingParty) {
        guard let issuer = session.issuer, let subject = session.subject else { return }
        let user = UserKey(tenantID: tenantID, issuer: issuer, subject: subject)
        revoke(session.refreshToken, of: user, at: provider)
    }

    /// Begins to take a refresh token of a user back, if there is one; returns at once.
    func revoke(_ token: Secret<String>?, of user: UserKey, at provider: RelyingParty) {
        guard provider.configuration.options.revokesTokens, let token else { return }
        let job = Job(token: token, user: user, provider: provider)
        let isTaken = state.withLock { state in
            guard !state.isOver, state.waiting.count < pacing.maximumWaiting else { return false }
            state.waiting.append(job)
            if state.workers.count < pacing.maximumAtOnce {
                let number = state.nextWorker
                state.nextWorker += 1
                state.workers[number] = Task { await self.work(number) }
            }
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
            defer { state.waiting = [] }
            state.isOver = true
            return (Array(state.workers.values), state.waiting)
        }
        for worker in workers { worker.cancel() }
        for job in left { LoginMetrics.revoked(.givenUp, provider: job.provider.configuration.name) }
    }

    private func work(_ number: Int) async {
        while let job = next(for: number) {
            let outcome = await self.outcome(of: job)
            LoginMetrics.revoked(outcome, provider: job.provider.configuration.name)
        }
    }

    /// The next job; without one the worker is done, and whoever adds one starts another.
    private func next(for number: Int) -> Job? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.workers[number] = nil
                return nil
            }
            return state.waiting.removeFirst()
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
            guard try await manager.getUserSessions(job.user).isEmpty else { return .shared }
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
