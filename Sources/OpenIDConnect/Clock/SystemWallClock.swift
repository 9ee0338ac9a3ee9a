#if canImport(FoundationEssentials)
public import struct FoundationEssentials.Date
#else
public import struct Foundation.Date
#endif

/// The machine's clocks.
public struct SystemWallClock: WallClock {
    private let start = ContinuousClock.now

    /// Creates the clock; ``uptime()`` counts from here.
    public init() {}

    /// The time of day.
    public func now() -> Date { Date() }

    /// Time since the clock was created, sleep included.
    public func uptime() -> Duration { ContinuousClock.now - start }
}
