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

/// What HTTP cron services call.
extension SessionRoutes {
    /// A run that somebody waits for ends by then, and the next one goes on: those services hang up after 30 seconds.
    static let cleanupTimeLimit = Duration.seconds(25)

    /// `POST /api/cron/cleanup-sessions[?dryRun=true]`: one run of the cleaner, by the policy.
    func runCronCleanup(_ visit: Visit, _ caller: BearerCaller) async throws -> Response {
        let arguments = try Arguments(queryOf: visit, allowing: ["dryRun"])
        return try await cleanUpByCron(isDryRun: try arguments.flag("dryRun") ?? false, visit, caller)
    }

    /// `GET /api/cron/cleanup-sessions`: counts; with `?run=true` the same as POST, for schedulers that can only GET.
    ///
    /// A parameter that isn't known is refused: with a typing mistake in `run` nothing would ever be cleaned.
    func showCronStatistics(_ visit: Visit, _ caller: BearerCaller) async throws -> Response {
        let arguments = try Arguments(queryOf: visit, allowing: ["run", "dryRun"])
        let isDryRun = try arguments.flag("dryRun")
        if try arguments.flag("run") ?? false {
            return try await cleanUpByCron(isDryRun: isDryRun ?? false, visit, caller)
        }
        guard isDryRun == nil else { throw ServerError.invalidParameter("dryRun", "needs run=true beside it") }
        let statistics = try await administration.getSessionStats()
        return .json([
            "success": true,
            "stats": [
                "total": .integer(Int64(statistics.total)), "active": .integer(Int64(statistics.active)),
                "expired": .integer(Int64(statistics.expired)),
                "timestamp": .string(Timestamp.precise(statistics.takenAt)),
            ],
        ])
    }

    private func cleanUpByCron(isDryRun: Bool, _ visit: Visit, _ caller: BearerCaller) async throws -> Response {
        var request = CleanupRequest(policy: administration.policy)
        request.isDryRun = isDryRun
        request.timeLimit = Self.cleanupTimeLimit
        let report = try await administration.cleanUp(request, by: caller.requester(.cron, visit))
        guard report.didRun else {
            // Accepted, not done by this call: what was asked for is being done. A status that cron services take for
            // a failure would raise an alarm each time two of them meet.
            return cronAnswer(0, "A cleanup is already running; nothing was done", status: .accepted)
        }
        let count = report.deletedSessions
        return cronAnswer(count, "\(isDryRun ? "Would have" : "Successfully") deleted \(count) expired session(s)")
    }

    private func cronAnswer(_ count: Int, _ message: String, status: HTTPResponse.Status = .ok) -> Response {
        .json(
            [
                "success": true, "deletedCount": .integer(Int64(count)), "message": .string(message),
                "timestamp": .string(Timestamp.precise(Date())),
            ],
            status: status
        )
    }
}
