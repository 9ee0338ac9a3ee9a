import Synchronization

/// The algorithms that a provider has signed its ID tokens for this client with, as far as this process has seen.
final class ObservedAlgorithms: Sendable {
    private let algorithms = Mutex<Set<SigningAlgorithm>>([])

    func add(_ algorithm: SigningAlgorithm) {
        algorithms.withLock { _ = $0.insert(algorithm.canonical) }
    }

    /// Whether a token that is signed like ID tokens may use this one: everything may before the first was seen.
    func permits(_ algorithm: SigningAlgorithm) -> Bool {
        algorithms.withLock { $0.isEmpty || $0.contains(algorithm.canonical) }
    }
}
