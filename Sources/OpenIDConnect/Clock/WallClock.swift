#if canImport(FoundationEssentials)
public import struct FoundationEssentials.Date
#else
public import struct Foundation.Date
#endif

/// The two clocks that a relying party reads, injected so that tests need no waiting.
public protocol WallClock: Sendable {
    /// The time of day, against which the provider's timestamps are judged.
    func now() -> Date

    /// Time since some fixed moment, never stepped back: cache ages and cool-downs are measured with it, so that a
    /// correction of the time of day neither freezes nor empties a cache.
    func uptime() -> Duration
}
