import Synchronization

/// The bound on how many requests wait to be sent, shared by a client's connections.
final class QueueBound: Sendable {
    private let maximum: Int
    private let waiting = Atomic<Int>(0)

    init(maximum: Int) {
        self.maximum = maximum
    }

    var count: Int { waiting.load(ordering: .relaxed) }

    /// Takes a place, unless all are taken.
    func enter() -> Bool {
        if waiting.wrappingAdd(1, ordering: .relaxed).newValue <= maximum { return true }
        leave()
        return false
    }

    /// Takes a place whether there is one or not, for a request that was accepted before.
    func enterAgain() {
        waiting.wrappingAdd(1, ordering: .relaxed)
    }

    /// Gives a place back.
    func leave() {
        waiting.wrappingSubtract(1, ordering: .relaxed)
    }
}
