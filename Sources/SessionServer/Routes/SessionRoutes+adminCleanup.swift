import HTTPTypes
import Hummingbird
import LoginFlow
import OpenIDConnect
import Sessions

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The cleaner in the hands of administrators.
extension SessionRoutes {
    /// `GET /api/admin/sessions/cleanup/status`: the last run of any replica, the last failure, the next run.
    func showCleanupStatus(_ visit: Visit, _ caller: BearerCaller) async throws -> Response {
        _ = try Arguments(queryOf: visit, allowing: [])
        return .json(try await administration.cleanupStatus().json)
    }

    /// `POST /api/admin/sessions/cleanup`: a run now; what the body doesn't mention is as the policy says.
    func runCleanup(_ visit: Visit, _ caller: BearerCaller) async throws -> Response {
        _ = try Arguments(queryOf: visit, allowing: [])
        let arguments = try await Arguments(
            bodyOf: visit,
            allowing: [
                "cleanExpiredTokens", "cleanInactiveSessions", "inactivityDays", "enforceSessionLimits", "dryRun",
            ]
        )
        let policy = administration.policy
        var request = CleanupRequest(policy: policy)
        if let isWanted = try arguments.flag("cleanExpiredTokens") {
            request.expired = isWanted
            request.abandonedLogins = isWanted
            request.logoutTokens = isWanted
            request.revokedOlderThan = isWanted ? policy.revokedRetention : nil
        }
        let days = try arguments.integer("inactivityDays", in: 1...Arguments.maximumDays)
        if let isWanted = try arguments.flag("cleanInactiveSessions") ?? (days == nil ? nil : true) {
            request.inactiveFor = isWanted ? days.map { .days($0) } ?? policy.inactivityTimeout : nil
        }
        if let isWanted = try arguments.flag("enforceSessionLimits") {
            request.maximumSessionsPerUser = isWanted ? policy.maximumSessionsPerUser : nil
        }
        request.isDryRun = try arguments.flag("dryRun") ?? false
        return .json(try await clean(request, visit, caller).json)
    }

    /// `POST /api/auth/admin/sessions/cleanup?olderThanDays=30&includeActive=false`: the older path.
    ///
    /// Deletes what has expired and what was revoked longer ago; with `includeActive=true` also the active sessions
    /// that were created longer ago.
    func runOlderCleanup(_ visit: Visit, _ caller: BearerCaller) async throws -> Response {
        let arguments = try Arguments(queryOf: visit, allowing: ["olderThanDays", "includeActive", "dryRun"])
        let includesActive = try arguments.flag("includeActive") ?? false
        // Zero days with the active ones would be everybody.
        let days = try arguments.integer("olderThanDays", in: (includesActive ? 1 : 0)...Arguments.maximumDays) ?? 30
        var request = CleanupRequest()
        request.revokedOlderThan = .days(days)
        request.isDryRun = try arguments.flag("dryRun") ?? false
        let report = try await clean(request, visit, caller)
        var count = report.deletedSessions
        var isComplete = report.isComplete
        if includesActive {
            var filter = SessionFilter()
            filter.states = [.active]
            filter.olderThan = .days(days)
            let ended = try await administration.endSessions(
                matching: filter,
                mode: .delete,
                isDryRun: request.isDryRun,
                by: caller.requester(.adminAPI, visit)
            )
            count += request.isDryRun ? ended.matched : ended.ended
            isComplete = isComplete && ended.isComplete
        }
        let words = request.isDryRun ? "Would have cleaned up" : "Successfully cleaned up"
        return .json([
            "success": true, "dryRun": .bool(request.isDryRun), "deletedCount": .integer(Int64(count)),
            "isComplete": .bool(isComplete), "message": .string("\(words) \(count) expired/old sessions"),
            "timestamp": .string(Timestamp.precise(Date())),
        ])
    }

    /// A run with a request of its own: unlike a scheduler's, it isn't done by whatever run is under way.
    private func clean(
        _ request: CleanupRequest,
        _ visit: Visit,
        _ caller: BearerCaller
    ) async throws -> CleanupReport {
        var request = request
        request.timeLimit = Self.cleanupTimeLimit
        let report = try await administration.cleanUp(request, by: caller.requester(.adminAPI, visit))
        guard report.didRun else { throw ServerError.cleanupRunning }
        return report
    }
}

extension ServerError {
    fileprivate static var cleanupRunning: ServerError {
        var error = ServerError(
            .conflict,
            "cleanup_running",
            "Another cleanup is running, so this one was not started. Please try again in a moment."
        )
        error.retryAfter = 10
        return error
    }
}
