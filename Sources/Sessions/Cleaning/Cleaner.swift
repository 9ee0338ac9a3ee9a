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

    let store: any SessionStore
    let policy: SessionPolicy
    let logger: Logger
    let clock: MonotonicClock
    let wallClock: @Sendable () -> Date
    let nextRun = Mutex<Date?>(nil)
    /// How far the store's clock is ahead of the local one, in seconds, as of the last look.
    private let clockOffset = Mutex(0.0)
    private let isAtWork = Mutex(false)
    /// Why space was not given back the last time.
    private let spaceTrouble = Mutex<String?>(nil)

    var schedule: CleaningSchedule { CleaningSchedule(policy: policy) }

    init(
        store: any SessionStore,
        policy: SessionPolicy,
        logger: Logger,
        clock: MonotonicClock,
        wallClock: @escaping @Sendable () -> Date
    ) {
        self.store = store
        self.policy = policy
        self.logger = logger
        self.clock = clock
        self.wallClock = wallClock
    }

    /// The time by the store's clock, which is the same for all replicas: a local one that is ahead would call work
    /// done that nobody has done.
    func now() -> Date { wallClock() + clockOffset.withLock { $0 } }

    /// What all cleaners did; sets ``now()`` by the store.
    func record() async throws(SessionError) -> CleaningRecord {
        let record = try await store.cleaningRecord(policy: policy)
        if let readAt = record.readAt {
            clockOffset.withLock { $0 = readAt.timeIntervalSince(wallClock()) }
        }
        return record
    }

    /// What all cleaners did, and when this one is next.
    func status() async throws(SessionError) -> CleanupStatus {
        let record = try await record()
        var status = CleanupStatus()
        status.isRunning = record.leader != nil
        status.leader = record.leader ?? record.lastRun?.instance
        status.lastRun = record.lastRun
        status.lastFailure = record.lastFailure
        status.nextRun = nextRun.withLock { $0 }
        return status
    }

    /// One run; its report says when another cleaner was at it and nothing was done.
    func clean(_ run: CleaningRun) async throws(SessionError) -> CleanupReport {
        do {
            return try await perform(run)
        } catch {
            if !run.request.isDryRun { await reportFailure(error, by: run.requester) }
            throw error
        }
    }

    func perform(_ run: CleaningRun) async throws(SessionError) -> CleanupReport {
        let startedAt = now()
        guard let (report, failure) = try await exclusiveRun(run, startedAt: startedAt) else {
            logger.debug("Session cleanup left to another replica")
            var skipped = CleanupReport()
            skipped.didRun = false
            skipped.startedAt = startedAt
            return skipped
        }
        if report.didRun, !report.isDryRun { tell(report, isWhole: failure == nil) }
        if let failure { throw failure }
        return report
    }

    /// What was done, and what went wrong; nil when another cleaner holds the lock.
    private func exclusiveRun(
        _ asked: CleaningRun,
        startedAt: Date
    ) async throws(SessionError) -> (CleanupReport, SessionError?)? {
        // Callers of the same process are turned away without a connection each.
        let isFirst = isAtWork.withLock { isAtWork in
            defer { isAtWork = true }
            return !isAtWork
        }
        guard isFirst else { return nil }
        defer { isAtWork.withLock { $0 = false } }
        let start = clock.now()
        return try await store.withExclusiveCleaning {
            cleaning async throws(SessionError) -> (CleanupReport, SessionError?) in
            var report = CleanupReport()
            report.instance = self.policy.instanceName
            report.startedAt = startedAt
            // Judged again under the lock: whoever held it before may have done it all.
            let record = try await self.record()
            guard let run = asked.remaining(record, self.policy) else {
                report.didRun = false
                return (report, nil)
            }
            try await cleaning.begin(as: self.policy.instanceName)
            report.isDryRun = run.request.isDryRun
            report.jobs = run.due.keys.map(\.rawValue).sorted()
            var outcome = Outcome()
            if report.isDryRun {
                report = try await self.count(run.request, in: cleaning, into: report)
            } else {
                report.passes = record.passes.remembered(self.policy)
                let deadline = start + min(run.request.timeLimit ?? Self.maximumRunTime, Self.maximumRunTime)
                outcome = try await self.clean(run, in: cleaning, until: deadline, into: &report)
                // Whoever asked for a run of seconds waits for its answer.
                if run.request.timeLimit == nil { await self.giveBackSpace(of: report, in: cleaning) }
            }
            report.isComplete = outcome.unfinished.isEmpty
            report.duration = self.clock.now() - start
            if !report.isDryRun {
                let done = run.due.filter { !outcome.unfinished.contains($0.key) }
                let details = report.auditDetails(done: done, policy: self.policy)
                let by = run.requester.details
                try await self.store.auditInAnyCase(.sessionCleanup, details: details.merging(by) { _, new in new })
            }
            return (report, outcome.failure)
        }
    }

    private func giveBackSpace(of report: CleanupReport, in cleaning: any SessionCleaning) async {
        guard !Task.isCancelled else { return }
        do {
            try await cleaning.giveBackSpace(afterDeleting: report.deleted, mayMove: report.passes.isEmpty)
            spaceTrouble.withLock { $0 = nil }
        } catch {
            // What was deleted is deleted; autovacuum does the rest in its own time. A role that doesn't own the table is
            // told so once.
            let isNews = spaceTrouble.withLock { trouble in
                defer { trouble = "\(error)" }
                return trouble != "\(error)"
            }
            logger.log(
                level: isNews ? .notice : .debug,
                "The space of deleted sessions was not given back",
                metadata: ["error": "\(error)"]
            )
        }
    }

    /// How the targets of a run ended, besides their counts.
    private struct Outcome {
        /// Schedules that have a target left to do.
        var unfinished: Set<CleaningJob> = []
        /// The first failure.
        var failure: SessionError?
    }

    private func count(
        _ request: CleanupRequest,
        in cleaning: any SessionCleaning,
        into report: CleanupReport
    ) async throws(SessionError) -> CleanupReport {
        var report = report
        let targets = request.targets
        for (index, target) in targets.enumerated() {
            let earlier = Array(targets.prefix(index))
            report.add(try await cleaning.count(target, after: earlier, policy: policy), of: target)
        }
        return report
    }

    /// Goes through all targets: one that fails doesn't keep the others from being cleaned.
    private func clean(
        _ run: CleaningRun,
        in cleaning: any SessionCleaning,
        until deadline: Duration,
        into report: inout CleanupReport
    ) async throws(SessionError) -> Outcome {
        var tell: @Sendable (CleanupReport) -> Void = { _ in }
        if let progress = run.progress {
            let expected = try await count(run.request, in: cleaning, into: CleanupReport())
            let total = CleanupProgress(report: expected, total: 0).done
            tell = { progress(CleanupProgress(report: $0, total: total)) }
            tell(report)
        }
        var outcome = Outcome()
        for target in run.request.targets {
            var page = target.passName.flatMap { report.passes[$0] }
            defer { if let name = target.passName { report.passes[name] = page } }
            do throws(SessionError) {
                let isFinished = try await clean(
                    target,
                    in: cleaning,
                    from: &page,
                    until: deadline,
                    into: &report,
                    tell
                )
                if !isFinished { outcome.unfinished.insert(target.job) }
                report.targets += target.names
            } catch {
                outcome.unfinished.insert(target.job)
                outcome.failure = outcome.failure ?? error
            }
        }
        return outcome
    }

    /// Goes through one target; answers false when something is left.
    /// - Parameter page: Where a pass over the whole table begins, and where it was cut off; nil at its end. A run of
    ///   seconds would never come to the end of a large table otherwise.
    private func clean(
        _ target: CleanupTarget,
        in cleaning: any SessionCleaning,
        from page: inout Int64?,
        until deadline: Duration,
        into report: inout CleanupReport,
        _ tell: @Sendable (CleanupReport) -> Void
    ) async throws(SessionError) -> Bool {
        let start = page ?? 0
        var cursor = page.map { CleanupCursor(.resumed($0)) }
        // The pass that an earlier run began has come to its end: what became due behind it is looked at while there is
        // time, and left to the next pass otherwise.
        var isSecondRound = false
        while true {
            guard !Task.isCancelled else { return isSecondRound }
            let (after, policy) = (cursor, policy)
            let batch = try await inAnyCase { () async throws(SessionError) in
                try await cleaning.clean(target, after: after, limit: Self.batchSize, policy: policy)
            }
            report.add(batch, of: target)
            tell(report)
            cursor = batch.next
            if isSecondRound {
                guard let next = cursor, next.page.map({ $0 < start }) ?? true else { return true }
            } else {
                page = cursor?.page
                if cursor == nil {
                    if start == 0 { return true }
                    isSecondRound = true
                }
            }
            guard clock.now() < deadline else { return isSecondRound }
            // Pauses are for those whom deleting slows down: a pass over pages with nothing to delete needs none.
            if batch.sessions + batch.logins == 0 { continue }
            // Shutting down: what is left is left for the next run.
            guard (try? await clock.sleep(policy.cleanupPause)) != nil else { return isSecondRound }
        }
    }

    /// - Parameter isWhole: false when a part has failed, of which there is a line of its own: whoever looks for successes
    ///   is not to find that run.
    private func tell(_ report: CleanupReport, isWhole: Bool) {
        SessionMetrics.cleaned(report)
        SessionMetrics.ended(.sessionLimit, count: report.limitedSessions)
        if !isWhole {
            logger.notice("Session cleanup did a part of its work", metadata: report.metadata)
        } else if policy.enableCleanupLogs {
            logger.info("Successfully cleaned up \(report.deleted) expired/old sessions", metadata: report.metadata)
        }
    }

    func reportFailure(_ error: SessionError, by requester: Requester?) async {
        // A shutdown in the middle of a run is no failure that anybody has to look at.
        if error.code == .cancelled { return }
        SessionMetrics.cleanupFailed(error)
        logger.error("Session cleanup failed", metadata: ["error": "\(error)"])
        // The database is often what failed: then the log line has to do.
        let details = error.cleanupDetails(policy).merging(requester.details) { _, new in new }
        try? await store.auditInAnyCase(.sessionCleanupError, details: details)
    }
}
