import Foundation
import Glibc
import Synchronization

/// One running program a directory: held until it is released or this process ends, however it ends.
final class DirectoryLock: Sendable {
    private let descriptor: Mutex<Int32?>

    private init(descriptor: Int32) {
        self.descriptor = Mutex(descriptor)
    }

    deinit {
        release()
    }

    /// Takes the lock.
    ///
    /// - Returns: nil when another program, or another part of this one, holds it.
    static func take(in directory: URL) throws -> DirectoryLock? {
        let file = directory.appending(path: "lock").path
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw PrivatePostgresError(.fileSystem, "cannot open \(file): \(lastSystemError())")
        }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return DirectoryLock(descriptor: descriptor) }
        close(descriptor)
        return nil
    }

    /// Gives it back; a second time does nothing.
    func release() {
        descriptor.withLock { descriptor in
            if let open = descriptor { close(open) }
            descriptor = nil
        }
    }
}
