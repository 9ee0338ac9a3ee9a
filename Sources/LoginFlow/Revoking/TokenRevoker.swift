import Logging
import OpenIDConnect
import Sessions
import Synchronization

/// Takes tokens back at their provider once they are of no use here (RFC 7009): behind the answers, each once, within
/// bounds.
///
/// The session is over before that, and nobody waits for it: a provider that is down or slow keeps no one signed in and
/// no one waiting. What isn't done by the end of a graceful shutdown is given up; tokens expire by themselves.
final class TokenRevoker: Sendable {
    private struct Job: Sendable {
        let tokens: RevocableTokens
        let provider: RelyingParty
    }

    private struct State: Sendable {
        var waiting: [Job] = []
        var workers: [Int: Task<Void, Never>] = [:]
        var nextWorker = 0
        var isOver = false
    }

    private let pacing: RevocationPacing
    private let clock: MonotonicClock
    private let logger: Logger
    private let state = Mutex(State())

    init(pacing: RevocationPacing, clock: MonotonicClock, logger: Logger) {
        self.pacing = pacing
        self.clock = clock
        self.logger = logger
    }

    /// Begins to take tokens back; returns at once.
    func revoke(_ tokens: RevocableTokens, at provider: RelyingParty) {
        guard provider.configuration.options.revokesTokens, !tokens.ordered.isEmpty else { return }
        let job = Job(tokens: tokens, provider: provider)
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
        var outcome = LoginMetrics.Revocation.notOffered
        for (token, kind) in job.tokens.ordered {
            do {
                guard try await job.provider.revoke(token, kind: kind) else { return outcome }
                if outcome == .notOffered { outcome = .revoked }
            } catch {
                outcome = Task.isCancelled ? .givenUp : .failed
                // A provider may refuse to take access tokens back (RFC 7009 section 2.2.1), which is no news.
                logger.log(
                    level: kind == .refreshToken ? .warning : .debug,
                    "A token was not taken back",
                    metadata: [
                        "provider": "\(job.provider.configuration.name)", "kind": "\(kind.rawValue)",
                        "error": "\(LoginError(error))",
                    ]
                )
                if Task.isCancelled { return outcome }
            }
        }
        return outcome
    }
}
