import Foundation

/// How long ago something was, as people say it.
enum RelativeTime {
    /// `3 h ago`, `in 7 d`, `now`.
    static func text(from date: Date, to now: Date) -> String {
        let seconds = now.timeIntervalSince(date)
        guard abs(seconds) >= 1 else { return "now" }
        let amount = amount(abs(seconds))
        return seconds > 0 ? "\(amount) ago" : "in \(amount)"
    }

    /// The largest unit of which there is at least one, rounded down.
    private static func amount(_ seconds: Double) -> String {
        for (unit, length) in [("d", 86_400.0), ("h", 3_600), ("min", 60)] where seconds >= length {
            return "\(Int(min(seconds / length, 1e6))) \(unit)"
        }
        return "\(Int(seconds)) s"
    }
}
