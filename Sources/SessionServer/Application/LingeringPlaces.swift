import Synchronization

/// How many connections of a listener linger at once.
final class LingeringPlaces: Sendable {
    private let maximum: Int
    private let taken = Atomic(0)

    init(_ maximum: Int) { self.maximum = maximum }

    /// Whether one was left; then it is taken.
    func take() -> Bool {
        guard taken.wrappingAdd(1, ordering: .relaxed).oldValue < maximum else {
            giveBack()
            return false
        }
        return true
    }

    func giveBack() { taken.wrappingSubtract(1, ordering: .relaxed) }
}
