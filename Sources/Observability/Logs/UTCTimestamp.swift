#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A moment as RFC 3339 text in UTC with milliseconds.
///
/// Civil dates come from integer arithmetic rather than from a formatter: a log line must not allocate a calendar.
struct UTCTimestamp: Sendable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    let milliseconds: Int64

    static var now: UTCTimestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UTCTimestamp(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }

    var description: String {
        let (year, month, day) = date
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))T\(timeOfDay)Z"
    }

    /// The time of day as `hh:mm:ss.mmm`.
    var timeOfDay: String {
        let inDay = milliseconds - days * Self.millisecondsPerDay
        let (hours, minutes) = (inDay / 3_600_000, inDay / 60_000 % 60)
        let (seconds, fraction) = (inDay / 1_000 % 60, inDay % 1_000)
        return "\(Self.padded(hours, 2)):\(Self.padded(minutes, 2)):\(Self.padded(seconds, 2))."
            + Self.padded(fraction, 3)
    }

    private static let millisecondsPerDay: Int64 = 86_400_000

    private var days: Int64 {
        let quotient = milliseconds / Self.millisecondsPerDay
        return milliseconds % Self.millisecondsPerDay < 0 ? quotient - 1 : quotient
    }

    /// Days to a civil date in the proleptic Gregorian calendar, by 400-year eras that begin on the first of March.
    private var date: (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ value: Int64, _ digits: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
