public import Foundation
public import OpenIDConnect
import Synchronization

/// A clock that moves only when told to.
public final class ManualClock: WallClock {
    private struct Reading {
        var date: Date
        var uptime: Duration
    }

    private let reading: Mutex<Reading>

    /// Starts at a fixed moment, or at the one given.
    public init(_ date: Date = Date(timeIntervalSince1970: 1_800_000_000)) {
        reading = Mutex(Reading(date: date, uptime: .zero))
    }

    /// The time of day.
    public func now() -> Date { reading.withLock { $0.date } }

    /// Time since the start.
    public func uptime() -> Duration { reading.withLock { $0.uptime } }

    /// Moves both clocks.
    public func advance(by duration: Duration) {
        reading.withLock {
            $0.date += Double(duration.components.seconds)
            $0.uptime += duration
        }
    }

    /// Steps the time of day alone, as a correction by NTP does.
    public func step(by seconds: Double) {
        reading.withLock { $0.date += seconds }
    }
}
