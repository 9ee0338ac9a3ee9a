import Synchronization

/// Something that is on or off.
final class Switch: Sendable {
    private let value = Atomic(false)

    var isOn: Bool {
        get { value.load(ordering: .acquiring) }
        set { value.store(newValue, ordering: .releasing) }
    }
}
