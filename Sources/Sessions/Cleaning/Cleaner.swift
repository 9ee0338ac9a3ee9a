import Foundation
import Logging
import Synchronization

/// Removes what is over: in small batches with pauses, one cleaner at a time, bounded in time.
///
/// Nothing depends on it but disk space: every read judges the lifetimes itself.
final class Cleaner: Sendable {
    /// Batches of 5000 rows kept readers' p99 at its idle value; ten times as many, or one DELETE, did not.
    private static let batchSize = 5000
    private static let maximumRunTime = Duration.seconds(300)

    private let store: any SessionStore
    private let policy: SessionPolicy
    private let logger: Logger
    private let clock: MonotonicClock
    private let state = Mutex(CleanupStatus())

    init(store: any SessionStore, policy: SessionPolicy, logger: Logger, clock: MonotonicClock) {
        self.store = store
        self.policy = policy
        self.logger = logger
        self.clock = clock
    }

    var status: CleanupStatus { state.withLock { $0 } }

    /// Cleans by the policy until the task is cancelled; failures make it wait, never end.
    func run() async {
        var failures = 0
        var lastThoroughRun: Duration?
        var wait = policy.cleanupOnStartup ? Duration.zero : Self.jittered(policy.cleanupInterval)
        while true {
            state.withLock { $0.nextRun = Date(timeIntervalSinceNow: wait.inSeconds) }
            if wait > .zero {
                guard (try? await clock.sleep(wait)) != nil else { break }
            }
            if Task.isCancelled { break }
            let isThorough = lastThoroughRun.map { clock.now() - $0 >= policy.thoroughCleanupInterval } ?? true
            do {
                let report = try await clean(request(isThorough: isThorough))
                if isThorough, report.isComplete { lastThoroughRun = clock.now() }
                failures = 0
                wait = Self.jittered(policy.cleanupInterval)
            } catch {
                failures = min(failures + 1, 10)
                wait = min(Self.jittered(.seconds(1 << failures)), policy.cleanupInterval)
            }
        }
        state.withLock { $0.nextRun = nil }
    }

    /// The policy's request; passes that read the whole table only when their time has come.
    private func request(isThorough: Bool) -> CleanupRequest {
        var request = CleanupRequest(policy: policy)
        if !isThorough {
            request.inactiveFor = nil
            request.maximumSessionsPerUser = nil
        }
        return request
    }

    /// One run.
    func clean(
        _ request: CleanupRequest,
        by requester: Requester? = Requester(.cleaner)
    ) async throws(SessionError) -> CleanupReport {
        state.withLock { $0.isRunning = true }
        defer { state.withLock { $0.isRunning = false } }
        do {
            let report = try await exclusiveRun(request, by: requester)
            state.withLock { $0.lastReport = report }
            return report
        } catch {
            // A shutdown in the middle of a run is no failure that anybody has to look at.
            if error.code != .cancelled { await reportFailure(error, by: requester) }
            throw error
        }
    }

    private func exclusiveRun(
        _ request: CleanupRequest,
        by requester: Requester?
    ) async throws(SessionError) -> CleanupReport {
        let start = clock.now()
        let startedAt = Date()
        let result = try await store.withExclusiveCleaning { cleaning async throws(SessionError) -> CleanupReport in
            var report = CleanupReport()
            for target in request.targets {
                let deadline = start + min(request.timeLimit ?? Self.maximumRunTime, Self.maximumRunTime)
                try await self.clean(target, of: request, in: cleaning, until: deadline, into: &report)
            }
            report.startedAt = startedAt
            report.duration = self.clock.now() - start
            report.isDryRun = request.isDryRun
            if !request.isDryRun {
                let details = report.auditDetails.merging(requester.details) { _, new in new }
                try await self.store.audit(.sessionCleanup, details: details)
            }
            return report
        }
        guard let result else {
            var skipped = CleanupReport()
            skipped.didRun = false
            skipped.startedAt = startedAt
            logger.debug("Session cleanup left to another replica")
            return skipped
        }
        if !request.isDryRun {
            SessionMetrics.cleaned(result)
            SessionMetrics.ended(.sessionLimit, count: result.limitedSessions)
            if policy.enableCleanupLogs {
                logger.info("Successfully cleaned up \(result.deleted) expired/old sessions", metadata: result.metadata)
            }
        }
        return result
    }

    private func clean(
        _ target: CleanupTarget,
        of request: CleanupRequest,
        in cleaning: any SessionCleaning,
        until deadline: Duration,
        into report: inout CleanupReport
    ) async throws(SessionError) {
        var cursor: CleanupCursor?
        while true {
            let batch = try await cleaning.clean(
                target,
                after: cursor,
                limit: Self.batchSize,
                isDryRun: request.isDryRun,
                policy: policy
            )
            report.add(batch, of: target)
            guard let next = batch.next else { return }
            cursor = next
            guard clock.now() < deadline else {
                report.isComplete = false
                return
            }
            do {
                try await clock.sleep(policy.cleanupPause)
            } catch {
                // Shutting down: what is left is left for the next run.
                report.isComplete = false
                return
            }
        }
    }

    private func reportFailure(_ error: SessionError, by requester: Requester?) async {
        SessionMetrics.cleanupFailed(error)
        logger.error("Session cleanup failed", metadata: ["error": "\(error)"])
        state.withLock { $0.lastFailure = (Date(), error) }
        // The database is often what failed: then the log line has to do.
        var details = requester.details
        details["error"] = .string(error.code.description)
        try? await store.audit(.sessionCleanupError, details: details)
    }

    /// Ten percent around, so that replicas that were started together don't clean together.
    private static func jittered(_ duration: Duration) -> Duration {
        duration * Double.random(in: 0.9...1.1)
    }
}
