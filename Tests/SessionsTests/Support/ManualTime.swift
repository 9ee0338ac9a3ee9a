import Foundation
import Synchronization

/// A wall clock that goes when it is told to, for the in-memory store.
final class ManualTime: Sendable {
    private let date = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: Date { date.withLock { $0 } }

    func pass(_ duration: Duration) {
        date.withLock { $0 += Double(duration.components.seconds) }
    }

    func set(_ new: Date) {
        date.withLock { $0 = new }
    }
}
