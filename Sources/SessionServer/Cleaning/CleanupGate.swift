import Sessions
import Synchronization

/// Lets one request of this process at the cleaner.
///
/// The store's lock is what keeps cleaners of all replicas apart, but trying it takes a connection: a hundred calls at
/// once would open a hundred to learn that somebody else is cleaning.
final class CleanupGate: Sendable {
    private let isTaken = Atomic(false)

    /// Runs a cleaning; nil when one is under way, here or elsewhere.
    func run(
        _ body: () async throws(SessionError) -> CleanupReport
    ) async throws(SessionError) -> CleanupReport? {
        guard !isTaken.exchange(true, ordering: .acquiringAndReleasing) else { return nil }
        defer { isTaken.store(false, ordering: .releasing) }
        let report = try await body()
        return report.didRun ? report : nil
    }
}
