import Foundation
import Logging
import Synchronization

extension Cleaner {
    /// Another replica is at work, or this one ran out of time: soon again.
    private static let retryPause = Duration.seconds(20)

    /// Does what the policy's schedules ask for until the task is cancelled; failures make it wait, never end.
    func run() async {
        let jobs = CleaningJob.allCases.filter { $0 == .statistics || policy.cleans(at: $0) }
        var handled = firstHandled(jobs)
        var failures = 0
        while !Task.isCancelled {
            var pause: Duration?
            do {
                let isDone = try await work(jobs, &handled)
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

    /// Up to which due time each job needs no more looking at.
    ///
    /// At the start, either nothing was done yet, so that what was missed is made up for, or everything was.
    private func firstHandled(_ jobs: [CleaningJob]) -> [CleaningJob: Date] {
        let now = wallClock()
        var handled: [CleaningJob: Date] = [:]
        for job in jobs where job == .statistics || !policy.cleanupOnStartup {
            handled[job] = schedule.lastDue(job, at: now)
        }
        return handled
    }

    /// Does what is due and not yet done; answers false when something is left.
    private func work(
        _ jobs: [CleaningJob],
        _ handled: inout [CleaningJob: Date]
    ) async throws(SessionError) -> Bool {
        let now = wallClock()
        var due: [CleaningJob: Date] = [:]
        for job in jobs {
            // The run at the start is due when it starts, whoever cleaned a moment ago.
            let isFirst = job == .frequent && handled[job] == nil
            let date = isFirst ? now.wholeSeconds : schedule.lastDue(job, at: now)
            if handled[job].map({ $0 < date }) ?? true { due[job] = date }
        }
        let statistics = due.removeValue(forKey: .statistics)
        let open = try await clean(due: due)
        for (job, date) in due where open[job] == nil { handled[job] = date }
        guard let statistics else { return open.isEmpty }
        let isCounted = try await count(due: statistics)
        if isCounted { handled[.statistics] = statistics }
        return open.isEmpty && isCounted
    }

    /// Does these jobs unless others have; answers those that are left.
    private func clean(due: [CleaningJob: Date]) async throws(SessionError) -> [CleaningJob: Date] {
        if due.isEmpty { return [:] }
        let run = CleaningRun(
            request: CleanupRequest(policy: policy, jobs: due.keys),
            due: due,
            isScheduled: true,
            requester: Requester(.cleaner)
        )
        do {
            // A look costs less than the lock.
            guard let rest = run.remaining(try await store.cleaningRecord(policy: policy), policy) else { return [:] }
            _ = try await perform(rest)
            return rest.remaining(try await store.cleaningRecord(policy: policy), policy)?.due ?? [:]
        } catch {
            await reportFailure(error, by: run.requester)
            throw error
        }
    }

    /// The time to the next look: a little after the next due time, differently for each replica.
    private func wait(_ jobs: [CleaningJob], _ pause: Duration?) -> Duration {
        let now = wallClock()
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
