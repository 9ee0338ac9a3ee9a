import ArgumentParser
import Sessions

/// `oidc-sessions cleanup`: one run of the cleaner, for crontab, timers and CI.
struct CleanupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cleanup",
        abstract: "Delete what is over, once: expired sessions, abandoned logins, old revoked rows.",
        discussion: """
            Without flags it does what the background cleaner does, by the same settings. Only one cleaner works on a \
            database at a time; when another one does, nothing is done.
            """
    )

    @OptionGroup var settings: SettingsOptions

    @Flag(name: .customLong("dry-run"), help: "Count what would go, change nothing.")
    var dryRun = false

    @Flag(help: "Say more: counts of each kind, and how long it took.")
    var verbose = false

    @Flag(help: "Show statistics of the table, change nothing.")
    var stats = false

    @Flag(help: "Only revoked sessions: all of them, or those of --older-than-days.")
    var revoked = false

    @Option(
        name: .customLong("older-than-days"),
        help: ArgumentHelp("Revoked sessions are kept for N days rather than for the configured time.", valueName: "N")
    )
    var olderThanDays: Int?

    func validate() throws {
        guard let olderThanDays else { return }
        guard (0...36_500).contains(olderThanDays) else {
            throw ValidationError("--older-than-days: must be a number of days from 0 to 36500")
        }
    }

    func run() async throws {
        // Counting and deleting open no sealed value, but a ring that is there must be a good one.
        let loaded = try settings.load(needs: .database)
        let oneShot = OneShot(settings: loaded, verbose: verbose)
        let request = request(policy: loaded.policy)
        try await oneShot.withMigratedClient { client in
            let store = PostgresSessionStore(
                client: client,
                keyRing: try loaded.keyRing ?? .throwaway(),
                logger: oneShot.logger
            )
            let manager = SessionManager(store: store, policy: loaded.policy, logger: oneShot.logger)
            if !stats {
                report(try await manager.cleanUp(request))
            }
            if stats || verbose {
                show(try await manager.getSessionStats())
            }
        }
    }

    private func request(policy: SessionPolicy) -> CleanupRequest {
        var request = CleanupRequest(policy: policy)
        if revoked {
            request = CleanupRequest()
            request.expired = false
            request.revokedOlderThan = .zero
        }
        if let olderThanDays { request.revokedOlderThan = .seconds(86_400 * olderThanDays) }
        request.isDryRun = dryRun
        return request
    }

    private func report(_ report: CleanupReport) {
        guard report.didRun else {
            Terminal.print("Another process is cleaning this database; nothing was done")
            return
        }
        if dryRun {
            Terminal.print("Would clean up \(report.deleted) expired/old sessions")
        } else {
            Terminal.print("Successfully cleaned up \(report.deleted) expired/old sessions")
        }
        if verbose {
            var table = TextTable("KIND", "ROWS")
            table.add("expired sessions", "\(report.expiredSessions)")
            table.add("abandoned logins", "\(report.abandonedLogins)")
            table.add("revoked sessions", "\(report.revokedSessions)")
            table.add("inactive sessions", "\(report.inactiveSessions)")
            table.add("over their user's limit (revoked)", "\(report.limitedSessions)")
            Terminal.print(table.text)
            Terminal.print("took \((report.duration / .milliseconds(1)).rounded()) ms")
        }
        if !report.isComplete {
            Terminal.print("The time of one run was over before the backlog was: run it again")
        }
    }

    private func show(_ statistics: SessionStatistics) {
        Terminal.print(statistics.logLine)
        Terminal.print("Inactive: \(statistics.inactive), Pending logins: \(statistics.pendingLogins)")
        for (tenant, count) in statistics.activeByTenant.sorted(by: { $0.key < $1.key }) where !tenant.isEmpty {
            Terminal.print("Active in tenant \(tenant.debugDescription): \(count)")
        }
    }
}
