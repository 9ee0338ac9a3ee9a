/// A time of the day, in UTC: `02:00`.
public struct DailyTime: Sendable, Hashable, LosslessStringConvertible {
    /// 0 to 23.
    public let hour: Int
    /// 0 to 59.
    public let minute: Int

    /// Reads `HH:MM`, of 24 hours; nil for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count <= 2, parts[1].utf8.count == 2,
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        (self.hour, self.minute) = (hour, minute)
    }

    /// Two in the morning.
    public static let twoInTheMorning = DailyTime(hour: 2, minute: 0)

    init(hour: Int, minute: Int) {
        (self.hour, self.minute) = (hour, minute)
    }

    /// `HH:MM`.
    public var description: String {
        "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }

    /// Seconds since midnight.
    var offset: Int { (hour * 60 + minute) * 60 }
}
