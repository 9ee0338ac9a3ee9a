import Foundation

/// Two clocks, one of them ours, read at nearly the same moment.
struct ClockComparison: Sendable, Hashable {
    /// How far the other is ahead of ours, in seconds; negative when it is behind.
    let difference: Double
    /// How wrong that may be, in seconds.
    let uncertainty: Double

    /// - Parameters:
    ///   - theirs: what the other clock showed at some moment between the two of ours.
    ///   - resolution: the step of the other clock, in seconds; it showed the last one that had passed.
    init(theirs: Date, from start: Date, to end: Date, resolution: Double = 0) {
        let middle = start.addingTimeInterval(end.timeIntervalSince(start) / 2)
        difference = theirs.addingTimeInterval(resolution / 2).timeIntervalSince(middle)
        uncertainty = (end.timeIntervalSince(start) + resolution) / 2
    }

    /// What is certainly wrong, in seconds.
    var certain: Double { max(0, abs(difference) - uncertainty) }

    /// For people: `3.2 s ahead of this machine`.
    var description: String {
        guard certain >= 0.1 else { return "as on this machine" }
        return String(format: "%.1f s %@ this machine", abs(difference), difference > 0 ? "ahead of" : "behind")
    }
}
