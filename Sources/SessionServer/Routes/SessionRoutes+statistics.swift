import Hummingbird
import LoginFlow
import OpenIDConnect
import Sessions

extension SessionRoutes {
    /// `GET /api/admin/sessions/stats`, and the older `GET /api/auth/admin/sessions/stats`.
    func showStatistics(_ visit: Visit, _ caller: BearerCaller) async throws -> Response {
        _ = try Arguments(queryOf: visit, allowing: [])
        let statistics = try await administration.getSessionStats()
        return .json([
            "totalActiveSessions": .integer(Int64(statistics.active)),
            "expiredSessions": .integer(Int64(statistics.expired)),
            "inactiveSessions": .integer(Int64(statistics.inactive)),
            "sessionsByTenant": .object(statistics.activeByTenant.mapValues { .integer(Int64($0)) }),
            "revokedSessions": .integer(Int64(statistics.revoked)),
            "totalSessions": .integer(Int64(statistics.total)),
            "pendingLogins": .integer(Int64(statistics.pendingLogins)),
            "timestamp": .string(Timestamp.precise(statistics.takenAt)),
        ])
    }
}
