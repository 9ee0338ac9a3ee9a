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
            if policy.automaticCleanup {
                group.addTask { await self.untilShutdown { await self.cleaner.run() } }
            }
            group.addTask { await self.untilShutdown { await self.reportStatistics() } }
        }
        await touchWriter.flush()
        logger.info("Session management shut down gracefully")
    }

    private func untilShutdown(_ body: @escaping @Sendable () async -> Void) async {
        await cancelWhenGracefulShutdown(body)
    }

    /// Logs the documented statistics line every hour.
    private func reportStatistics() async {
        while (try? await clock.sleep(.seconds(3600))) != nil {
            do {
                let statistics = try await getSessionStats()
                logger.info("\(statistics.logLine)")
                if statistics.active > policy.activeSessionsWarning {
                    logger.warning(
                        "More active sessions than expected",
                        metadata: ["active": "\(statistics.active)", "threshold": "\(policy.activeSessionsWarning)"]
                    )
                }
            } catch {
                logger.warning("Session statistics failed", metadata: ["error": "\(error)"])
            }
        }
    }
}

extension SessionStatistics {
    /// The line that monitoring looks for.
    public var logLine: String {
        "Session Stats - Total: \(total), Active: \(active), Expired: \(expired), Revoked: \(revoked)"
    }
}
