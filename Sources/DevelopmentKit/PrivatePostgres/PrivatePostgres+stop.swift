import Foundation
import Glibc

extension PrivatePostgres {
    /// Ends the server in good order: transactions are rolled back, connections closed, a checkpoint written.
    ///
    /// - Throws: ``PrivatePostgresError`` with the code `notStopped` when it had to be killed.
    public func stop() async throws {
        try await end(with: SIGINT)
    }

    /// Ends the server as a power cut would: no goodbye, no checkpoint; the next start recovers from the log.
    public func stopImmediately() async throws {
        try await end(with: SIGQUIT)
    }

    /// Stops the server and starts one on the same directory, with the same connection string.
    ///
    /// - Parameter options: nil: as before, on the port that it had.
    /// - Returns: the new server; the old value has done its work.
    public func restart(options newOptions: Options? = nil) async throws -> PrivatePostgres {
        try await stop()
        var options = newOptions ?? options
        if options.listenOnLoopback == 0 { options.listenOnLoopback = loopbackPort }
        return try await Self.start(directory: directory, options: options)
    }

    /// For the end of a program, where nothing can be awaited any more: ends the server at once and waits for it
    /// without a break, two seconds at most.
    package func stopBlocking() {
        process.signal(SIGQUIT)
        for _ in 0..<200 where process.exit == nil { usleep(10_000) }
        lock.release()
    }

    private func end(with signal: Int32) async throws {
        process.signal(signal)
        var exit = await process.waitForExit(within: options.deadline)
        let wasKilled = exit == nil
        if wasKilled {
            process.signal(SIGKILL)
            exit = await process.waitForExit(within: options.deadline)
        }
        lock.release()
        if layout.socketDirectory.deletingLastPathComponent().path != layout.directory.path {
            // Only when it is empty: the server removes its socket when it can.
            rmdir(layout.socketDirectory.path)
        }
        if wasKilled {
            throw PrivatePostgresError(.notStopped, "Postgres did not stop within \(options.deadline) and was killed")
        }
    }
}
