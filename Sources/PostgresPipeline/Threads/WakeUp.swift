import CLibpq
import Glibc

/// An eventfd that interrupts a thread's `poll`.
final class WakeUp: Sendable {
    let descriptor: Int32

    /// Fails when the process is out of descriptors; then a thread that would be woken by it must look by itself.
    convenience init() {
        self.init(descriptor: clibpq_eventfd())
    }

    /// Takes over an eventfd; -1 stands for one that could not be had.
    init(descriptor: Int32) {
        self.descriptor = descriptor
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
