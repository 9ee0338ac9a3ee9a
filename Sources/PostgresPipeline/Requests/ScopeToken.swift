import Synchronization

/// Ties the requests of one transaction or dedicated connection to the server session that it began on.
///
/// A connection that was lost and made again is another session: statements of the old one must not run there.
final class ScopeToken: Sendable {
    private static let unbound = 0

    private let epoch = Atomic<Int>(ScopeToken.unbound)
    private let ended = Atomic<Bool>(false)

    /// Remembers the session; called by the connection's thread when it sends the first statement.
    func bind(to epoch: Int) {
        self.epoch.store(epoch, ordering: .relaxed)
    }

    func isBound(to epoch: Int) -> Bool {
        self.epoch.load(ordering: .relaxed) == epoch
    }

    var isEnded: Bool { ended.load(ordering: .acquiring) }

    /// Called when the scope is left, so that a transaction that escaped it is refused.
    func end() {
        ended.store(true, ordering: .releasing)
    }
}
