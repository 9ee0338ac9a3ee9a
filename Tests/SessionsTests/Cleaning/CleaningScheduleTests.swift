import Foundation
import Testing

@testable import Sessions

@Suite("Schedules: due times are the same for every replica, in UTC")
struct CleaningScheduleTests {
    private static let calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()

    @Test(
        "the due times before and after a moment",
        arguments: [
            // 2026-11-21 is a Saturday.
            ("frequent", "2026-11-21T10:44:59Z", "2026-11-21T10:30:00Z", "2026-11-21T10:45:00Z"),
            ("frequent", "2026-11-21T10:45:00Z", "2026-11-21T10:45:00Z", "2026-11-21T11:00:00Z"),
            ("daily", "2026-11-21T01:59:59Z", "2026-11-20T02:00:00Z", "2026-11-21T02:00:00Z"),
            ("daily", "2026-11-21T02:00:00Z", "2026-11-21T02:00:00Z", "2026-11-22T02:00:00Z"),
            ("weekly", "2026-11-21T10:00:00Z", "2026-11-15T03:00:00Z", "2026-11-22T03:00:00Z"),
            ("weekly", "2026-11-22T03:00:00Z", "2026-11-22T03:00:00Z", "2026-11-29T03:00:00Z"),
            ("statistics", "2026-11-21T10:59:59Z", "2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z"),
            // Summer time begins and ends in Europe: nothing happens in UTC.
            ("daily", "2026-03-29T02:30:00Z", "2026-03-29T02:00:00Z", "2026-03-30T02:00:00Z"),
            ("weekly", "2026-10-25T03:00:00Z", "2026-10-25T03:00:00Z", "2026-11-01T03:00:00Z"),
        ]
    )
    func dueTimes(job: String, now: String, last: String, next: String) throws {
        let schedule = CleaningSchedule(policy: SessionPolicy())
        let job = try #require(CleaningJob(rawValue: job))
        let now = try Date(now, strategy: .iso8601)
        #expect(schedule.lastDue(job, at: now) == (try Date(last, strategy: .iso8601)))
        #expect(schedule.nextDue(job, at: now) == (try Date(next, strategy: .iso8601)))
    }

    @Test("any day of the week and time of the day", arguments: WeeklyTime.Weekday.allCases)
    func weekdays(weekday: WeeklyTime.Weekday) throws {
        var policy = SessionPolicy()
        policy.weeklyCleanupAt = try #require(WeeklyTime("\(weekday.rawValue) 23:59"))
        let due = CleaningSchedule(policy: policy).nextDue(.weekly, at: Date(timeIntervalSince1970: 1_800_000_000))
        let parts = Self.calendar.dateComponents([.weekday, .hour, .minute, .second], from: due)
        let number = try #require(WeeklyTime.Weekday.allCases.firstIndex(of: weekday))
        #expect(parts.weekday == number + 1 && parts.hour == 23 && parts.minute == 59 && parts.second == 0)
    }

    @Test(
        "replicas look at most a minute, and a tenth of the interval, after a due time",
        arguments: [60, 900, 86_400]
    )
    func jitter(interval: Int) {
        var policy = SessionPolicy()
        policy.cleanupInterval = .seconds(interval)
        let jitters = (0..<200).map { _ in CleaningSchedule(policy: policy).jitter() }
        #expect(jitters.allSatisfy { (.zero...min(.seconds(60), policy.cleanupInterval / 10)).contains($0) })
        #expect(Set(jitters).count > 100)
    }

    @Test("times are read strictly", arguments: ["02:00", "2:00", "23:59", "00:00"])
    func times(text: String) throws {
        let time = try #require(DailyTime(text))
        #expect(DailyTime(time.description) == time)
        #expect(try #require(WeeklyTime("sun \(text)")).time == time)
    }

    @Test(
        "what is no time is refused",
        arguments: [
            "", "24:00", "02:60", "2", "02:0", "-1:00", "02:00:00", "02 :00", "+2:00", "０２:00", "002:00", "2am",
        ]
    )
    func badTimes(text: String) {
        #expect(DailyTime(text) == nil)
        #expect(WeeklyTime("sun \(text)") == nil)
    }

    @Test(
        "what is no time of the week is refused",
        arguments: ["", "02:00", "sun", "su 03:00", "sunny 03:00", "7 03:00"]
    )
    func badWeeks(text: String) {
        #expect(WeeklyTime(text) == nil)
        #expect(WeeklyTime("sunday 03:00") == .sundayAtThree && WeeklyTime("SUN 03:00")?.description == "sun 03:00")
    }
}
