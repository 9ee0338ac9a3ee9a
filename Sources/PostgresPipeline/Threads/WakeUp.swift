import CLibpq
import Glibc

/// An eventfd that interrupts a thread's `poll`.
final class WakeUp: Sendable {
    let descriptor: Int32

    init() {
        // Fails only when the process is out of descriptors; then `poll` ignores the -1 and every wait is short.
        descriptor = clibpq_eventfd()
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Makes the descriptor readable.
    func ring() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Makes the descriptor unreadable again.
    func silence() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
