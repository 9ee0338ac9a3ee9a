/// Decides which failures of a kind are worth a line: one in a while, with the number of those that had none.
///
/// The metrics count every one; a log that grows by a line for each attempt is what somebody who makes many wants.
struct FailureThrottle: Sendable {
    static let interval = Duration.seconds(10)

    private var lastLine: ContinuousClock.Instant?
    private var unreported = 0

    /// Takes note of a failure.
    ///
    /// - Returns: How many failures there were since the last line, this one included; nil when no line is due.
    mutating func record(at now: ContinuousClock.Instant) -> Int? {
        unreported += 1
        if let lastLine, now - lastLine < Self.interval { return nil }
        defer { unreported = 0 }
        lastLine = now
        return unreported
    }
}
