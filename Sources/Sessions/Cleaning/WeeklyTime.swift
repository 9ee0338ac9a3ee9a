/// A time of the week, in UTC: `sun 03:00`.
public struct WeeklyTime: Sendable, Hashable, LosslessStringConvertible {
    /// A day, in the order of cron: Sunday first.
    public enum Weekday: String, Sendable, CaseIterable {
        case sunday, monday, tuesday, wednesday, thursday, friday, saturday
    }

    /// The day.
    public let weekday: Weekday
    /// The time of that day.
    public let time: DailyTime

    /// Sunday, three in the morning.
    public static let sundayAtThree = WeeklyTime(weekday: .sunday, time: DailyTime(hour: 3, minute: 0))

    /// A time of a day.
    public init(weekday: Weekday, time: DailyTime) {
        (self.weekday, self.time) = (weekday, time)
    }

    /// Reads `sun 03:00` or `Sunday 03:00`; nil for anything else.
    public init?(_ description: String) {
        let parts = description.lowercased().split(separator: " ")
        guard parts.count == 2, let time = DailyTime(String(parts[1])),
            let weekday = Weekday.allCases.first(where: { $0.rawValue == parts[0] || $0.rawValue.prefix(3) == parts[0] }
            )
        else { return nil }
        self.init(weekday: weekday, time: time)
    }

    /// `sun 03:00`.
    public var description: String { "\(weekday.rawValue.prefix(3)) \(time)" }
}
