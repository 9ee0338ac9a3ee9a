import Foundation
import Logging

extension Cleaner {
    /// Counts all sessions, unless another replica did for that hour; shows the counts in any case.
    /// - Returns: false when another one is at it.
    func count(due: Date) async throws(SessionError) -> Bool {
        do {
            var statistics = try await counted(due)
            if statistics == nil {
                statistics = try await store.withExclusiveCounting { () async throws(SessionError) in
                    if let statistics = try await self.counted(due) { return statistics }
                    let statistics = try await self.store.statistics(tenantID: nil, policy: self.policy)
                    let details = statistics.auditDetails(done: due, policy: self.policy)
                    try await self.store.auditInAnyCase(.sessionStatistics, details: details)
                    self.tell(statistics)
                    return statistics
                }
            }
            guard let statistics else { return false }
            SessionMetrics.counted(statistics)
            return true
        } catch {
            if error.code != .cancelled {
                logger.warning("Session statistics failed", metadata: ["error": "\(error)"])
            }
            throw error
        }
    }

    /// The counts of that hour, if there are any.
    private func counted(_ due: Date) async throws(SessionError) -> SessionStatistics? {
        let record = try await record()
        guard let done = record.done[CleaningJob.statistics.rawValue], done >= due else { return nil }
        return record.statistics
    }

    /// The documented line, once for all replicas.
    private func tell(_ statistics: SessionStatistics) {
        logger.info("\(statistics.logLine)")
        if statistics.active > policy.activeSessionsWarning {
            logger.warning(
                "More active sessions than expected",
                metadata: [
                    "active": .stringConvertible(statistics.active),
                    "threshold": .stringConvertible(policy.activeSessionsWarning),
                ]
            )
        }
    }
}

extension SessionStatistics {
    /// The line that monitoring looks for.
    public var logLine: String {
        "Session Stats - Total: \(total), Active: \(active), Expired: \(expired), Revoked: \(revoked)"
    }
}
