import Foundation

/// When each job is due, by a wall clock in UTC.
///
/// Due times are the same for every replica: whole intervals since 1970, a time of the day, of the week, the hour.
struct CleaningSchedule: Sendable {
    let policy: SessionPolicy

    /// The latest due time that isn't after `now`.
    func lastDue(_ job: CleaningJob, at now: Date) -> Date {
        let (period, offset) = rhythm(job)
        let turns = ((now.timeIntervalSince1970 - offset) / period).rounded(.down)
        return Date(timeIntervalSince1970: turns * period + offset)
    }

    /// The first due time after `now`.
    func nextDue(_ job: CleaningJob, at now: Date) -> Date {
        lastDue(job, at: now) + rhythm(job).period
    }

    /// Seconds from one due time to the next, and from 1970 to the first.
    private func rhythm(_ job: CleaningJob) -> (period: Double, offset: Double) {
        switch job {
        case .frequent: (max(policy.cleanupInterval.inSeconds, 1), 0)
        case .daily: (86_400, Double(policy.dailyCleanupAt.offset))
        case .weekly:
            // 1970 began on a Thursday; its first Sunday is three days later.
            (
                7 * 86_400,
                Double((3 + policy.weeklyCleanupAt.weekday.number) * 86_400 + policy.weeklyCleanupAt.time.offset)
            )
        case .statistics: (3600, 0)
        }
    }

    /// How much later than due a replica looks, at random, so that they don't all come at once.
    func jitter() -> Duration {
        let most = min(policy.cleanupInterval / 10, .seconds(60))
        return most * Double.random(in: 0...1)
    }
}

extension WeeklyTime.Weekday {
    fileprivate var number: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
