import Foundation
import Logging
import PrivatePostgres
import ServiceLifecycle

/// The private Postgres as a service: it is there before everything else and goes after it.
struct DevelopmentDatabase: Service {
    let server: PrivatePostgres
    let logger: Logger

    /// Waits for the end, its own or everybody's.
    func run() async throws {
        await cancelWhenGracefulShutdown { await server.waitUntilStopped() }
        if !server.isRunning, !Task.isCancelled, !Task.isShuttingDownGracefully {
            throw ProgramError("the private Postgres has ended: see \(server.directory.path)/server.log")
        }
        // Not in this task, which may be cancelled: the server is stopped in good order in any case.
        try await Task { try await server.stop() }.value
        logger.debug("the private Postgres has stopped")
    }
}
