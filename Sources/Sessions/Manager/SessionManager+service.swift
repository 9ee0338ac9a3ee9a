import Logging
import ServiceLifecycle

extension SessionManager {
    /// Writes touches and cleans up, until graceful shutdown or cancellation.
    ///
    /// A store that is out of reach never ends it. At graceful shutdown the touches that wait are written; put the
    /// manager after the database client in a service group, so that the client is still there.
    public func run() async throws {
        logger.info(
            "Session management started",
            metadata: ["cleanupInterval": "\(policy.cleanupInterval)", "automatic": "\(policy.automaticCleanup)"]
        )
        await withDiscardingTaskGroup { group in
            group.addTask { await self.untilShutdown { await self.touchWriter.run() } }
            group.addTask { await self.untilShutdown { await self.cleaner.run() } }
        }
        await touchWriter.flush()
        logger.info("Session management shut down gracefully")
    }

    private func untilShutdown(_ body: @escaping @Sendable () async -> Void) async {
        await cancelWhenGracefulShutdown(body)
    }
}
