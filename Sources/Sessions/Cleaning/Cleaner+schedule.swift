import Foundation
import Logging
import Synchronization

extension Cleaner {
    /// Another replica is at work, or this one ran out of time: soon again.
    private static let retryPause = Duration.seconds(20)

    /// A schedule that failed for a reason that doesn't pass by itself is tried again so much later.
    private static let failedJobPause = 3600.0

    /// What one process remembers between two looks.
    private struct Memory {
        /// Up to which due time each job needs no more looking at; nil before the first look.
        var handled: [CleaningJob: Date]?
        /// Jobs that failed, and when they are tried again.
        var postponed: [CleaningJob: Date] = [:]
    }

    /// Does what the policy's schedules ask for until the task is cancelled; failures make it wait, never end.
    func run() async {
        let jobs = CleaningJob.allCases.filter { $0 == .statistics || policy.cleans(at: $0) }
        var memory = Memory()
        var failures = 0
        while !Task.isCancelled {
            var pause: Duration?
            do {
                let isDone = try await work(jobs, &memory)
                failures = 0
                pause = isDone ? nil : Self.retryPause
            } catch {
                failures = min(failures + 1, 10)
                pause = min(.seconds(1 << failures), policy.cleanupInterval)
            }
            guard (try? await clock.sleep(wait(jobs, pause))) != nil else { break }
        }
        nextRun.withLock { $0 = nil }
    }

    /// What counts as handled at the start: either nothing, so that what was missed is made up for, or everything.
    private func firstHandled(_ jobs: [CleaningJob], at now: Date) -> [CleaningJob: Date] {
        var handled: [CleaningJob: Date] = [:]
        for job in jobs where job == .statistics || !policy.cleanupOnStartup {
            handled[job] = schedule.lastDue(job, at: now)
        }
        return handled
    }

    /// Does what is due and not yet done; answers false when something is left.
    private func work(_ jobs: [CleaningJob], _ memory: inout Memory) async throws(SessionError) -> Bool {
        let record: CleaningRecord
        do {
            record = try await self.record()
        } catch {
            await reportFailure(error, by: Requester(.cleaner))
            throw error
        }
        let now = now()
        var handled = memory.handled ?? firstHandled(jobs, at: now)
        defer { memory.handled = handled }
        memory.postponed = memory.postponed.filter { $0.value > now }
        var due: [CleaningJob: Date] = [:]
        for job in jobs where memory.postponed[job] == nil {
            let last = schedule.lastDue(job, at: now)
            // The store's clock was put back: what counts is what is due by it now.
            if let date = handled[job], date > now { handled[job] = last }
            // The run at the start is due when it starts, whoever cleaned a moment ago.
            let isFirst = job == .frequent && handled[job] == nil
            let date = isFirst ? now.wholeSeconds : last
            if handled[job].map({ $0 < date }) ?? true { due[job] = date }
        }
        let statistics = due.removeValue(forKey: .statistics)
        var (isDone, failure): (Bool, SessionError?) = (true, nil)
        do throws(SessionError) {
            let open = try await clean(due: due, record)
            for (job, date) in due where open[job] == nil { handled[job] = date }
            isDone = open.isEmpty
        } catch {
            // What was done is in the audit trail; what wasn't is tried again soon if that can help.
            let open = (try? await self.record()).map { run(due: due).remaining($0, policy)?.due ?? [:] } ?? due
            for (job, date) in due where open[job] == nil { handled[job] = date }
            if error.isTransient {
                failure = error
            } else {
                for job in open.keys { memory.postponed[job] = now + Self.failedJobPause }
            }
        }
        // Counting doesn't wait for a cleaning that fails.
        if let statistics {
            let isCounted = try await count(due: statistics)
            if isCounted { handled[.statistics] = statistics }
            isDone = isDone && isCounted
        }
        if let failure { throw failure }
        return isDone
    }

    private func run(due: [CleaningJob: Date]) -> CleaningRun {
        CleaningRun(
            request: CleanupRequest(policy: policy, jobs: due.keys),
            due: due,
            isScheduled: true,
            requester: Requester(.cleaner)
        )
    }

    /// Does these jobs unless others have; answers those that are left.
    private func clean(
        due: [CleaningJob: Date],
        _ record: CleaningRecord
    ) async throws(SessionError) -> [CleaningJob: Date] {
        if due.isEmpty { return [:] }
        // A look costs less than the lock.
        guard let rest = run(due: due).remaining(record, policy) else { return [:] }
        do {
            _ = try await perform(rest)
            return rest.remaining(try await self.record(), policy)?.due ?? [:]
        } catch {
            await reportFailure(error, by: rest.requester)
            throw error
        }
    }

    /// The time to the next look: a little after the next due time, differently for each replica.
    private func wait(_ jobs: [CleaningJob], _ pause: Duration?) -> Duration {
        let now = now()
        let jitter = schedule.jitter()
        func untilDue(_ jobs: [CleaningJob]) -> Duration? {
            jobs.map { schedule.nextDue($0, at: now).timeIntervalSince(now) }.min().map { .seconds($0) + jitter }
        }
        let wait = pause.map { $0 * Double.random(in: 0.8...1.2) } ?? untilDue(jobs) ?? .seconds(3600)
        let cleaning = jobs.filter { $0 != .statistics }
        let next = pause == nil ? untilDue(cleaning) : wait
        nextRun.withLock { $0 = cleaning.isEmpty ? nil : next.map { now + $0.inSeconds } }
        return wait
    }
}

extension SessionPolicy {
    /// Whether a schedule has anything to delete.
    fileprivate func cleans(at job: CleaningJob) -> Bool {
        automaticCleanup && !CleanupRequest(policy: self, jobs: [job]).targets.isEmpty
    }
}

extension Date {
    /// What the audit trail keeps of a due time.
    fileprivate var wholeSeconds: Date { Date(timeIntervalSince1970: timeIntervalSince1970.rounded(.down)) }
}
