import Decision
package import Foundation
import Glibc
import Synchronization

/// A program that was started by this one and is waited for on a thread of its own.
///
/// The thread that starts it is the thread that waits for it, for two reasons: `PR_SET_PDEATHSIG` fires when the
/// *thread* that forked ends (prctl(2)), which threads of the cooperative pool do when they are idle; and `waitid`
/// blocks, which nothing on that pool may do.
package final class ChildProcess: Sendable {
    /// How a process ended.
    package enum Exit: Sendable, Hashable {
        /// It returned this code.
        case code(Int32)
        /// This signal ended it.
        case signal(Int32)
    }

    /// The number of the process.
    package let processID: pid_t

    private let end = Decision<Exit>()
    private let isReaped = Mutex(false)

    private init(processID: pid_t) {
        self.processID = processID
    }

    /// Starts a program.
    ///
    /// - Throws: ``PrivatePostgresError`` with the code `processFailed` when it can't be started.
    package static func start(_ command: Command) async throws -> ChildProcess {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                do {
                    let child = ChildProcess(processID: try command.spawn())
                    continuation.resume(returning: child)
                    child.waitOnThisThread()
                } catch {
                    continuation.resume(throwing: error)
                }
            }
            thread.name = "child-process"
            thread.stackSize = 256 * 1024
            thread.start()
        }
    }

    /// How it ended; nil while it runs.
    package var exit: Exit? {
        end.value
    }

    /// Sends a signal; does nothing once it has ended.
    package func signal(_ number: Int32) {
        isReaped.withLock { isReaped in
            // Under the lock it can't be reaped meanwhile, so the number still is this process.
            if !isReaped { _ = kill(processID, number) }
        }
    }

    /// Waits for the end.
    ///
    /// - Returns: how it ended; nil when the waiting task was cancelled.
    package func waitForExit() async -> Exit? {
        await end.wait()
    }

    /// Waits for the end at most this long.
    ///
    /// - Returns: how it ended; nil when it still runs.
    package func waitForExit(within limit: Duration) async -> Exit? {
        await withTaskGroup(of: Exit?.self) { group in
            group.addTask { await self.waitForExit() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? exit
        }
    }

    private func waitOnThisThread() {
        var information = siginfo_t()
        // WNOWAIT leaves the number taken until the lock is held.
        while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        let exit: Exit = isReaped.withLock { isReaped in
            var status: Int32 = 0
            while waitpid(processID, &status, 0) == -1, errno == EINTR {}
            isReaped = true
            return status & 0x7f == 0 ? .code((status >> 8) & 0xff) : .signal(status & 0x7f)
        }
        end.settle(exit)
    }
}
