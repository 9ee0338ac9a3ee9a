import CLibpq
import Foundation
import Glibc

/// Asks a server to stop a statement that nobody waits for: it would not notice that its client is gone.
///
/// libpq 15 can do that only by blocking, for as long as a server that does not answer likes. So a thread of its own
/// does it, which may be left behind.
enum StatementCanceller {
    private static let patience: Int32 = 500

    /// `@unchecked Sendable`: one `PGcancel`, copied from the connection and from then on used and freed by the one
    /// thread that it is handed to.
    private struct Handle: @unchecked Sendable {
        let cancel: OpaquePointer
    }

    /// Blocks the calling thread for at most half a second; only connection threads may call it.
    static func cancel(on connection: OpaquePointer) {
        guard let cancel = PQgetCancel(connection) else { return }
        let handle = Handle(cancel: cancel)
        let done = WakeUp()
        let thread = Thread {
            var message = [CChar](repeating: 0, count: 256)
            PQcancel(handle.cancel, &message, Int32(message.count))
            PQfreeCancel(handle.cancel)
            done.ring()
        }
        thread.name = "pg-cancel"
        thread.start()
        var descriptor = pollfd(fd: done.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&descriptor, 1, patience)
    }
}
