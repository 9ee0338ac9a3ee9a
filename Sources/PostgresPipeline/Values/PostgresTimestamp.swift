public import Foundation

/// A `timestamptz` exactly as Postgres stores it: microseconds since 2000-01-01 00:00 UTC.
public struct PostgresTimestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 2000-01-01 00:00 UTC; the extremes stand for `infinity` and `-infinity`.
    public var microseconds: Int64

    /// A timestamp by Postgres' own count.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The value `infinity`.
    public static let infinity = PostgresTimestamp(microseconds: .max)
    /// The value `-infinity`.
    public static let negativeInfinity = PostgresTimestamp(microseconds: .min)

    /// Orders by time.
    public static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension PostgresTimestamp {
    /// Seconds between 1970 (Unix) and 2000 (Postgres).
    private static let unixOffset: Int64 = 946_684_800

    /// The timestamp nearest to a date, to the microsecond; dates beyond the range become infinite.
    public init(_ date: Date) {
        // Date counts seconds from 2001 as a double: exact to well under a microsecond until the year 2270.
        let microseconds = ((date.timeIntervalSince1970 - Double(Self.unixOffset)) * 1_000_000).rounded()
        if let exact = Int64(exactly: microseconds) {
            self.init(microseconds: exact)
        } else {
            self.init(microseconds: microseconds > 0 ? .max : .min)
        }
    }

    /// The same moment as a date; infinities become `distantFuture` and `distantPast`.
    public var date: Date {
        switch microseconds {
        case .max: return .distantFuture
        case .min: return .distantPast
        default:
            let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
            return Date(timeIntervalSince1970: Double(seconds + Self.unixOffset) + Double(rest) / 1_000_000)
        }
    }

    /// Whole microseconds since 1970-01-01 00:00 UTC, saturating at the infinities.
    public var unixMicroseconds: Int64 {
        let (sum, overflow) = microseconds.addingReportingOverflow(Self.unixOffset * 1_000_000)
        return overflow ? .max : sum
    }
}
