import ArgumentParser
import Sessions

/// `oidc-sessions cleanup`: one run of the cleaner, for crontab, timers and CI.
struct CleanupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cleanup",
        abstract: "Delete what is over, once: expired sessions, abandoned logins, old revoked rows.",
        discussion: """
            Without flags it does what the background cleaner does at all its schedules, by the same settings. Only one \
            cleaner works on a database at a time; when another one does, nothing is done, and that is no failure.

            It judges by the settings that it is given: give it those of `serve`, by --config or the environment. With \
            lower limits than the server's it signs users out; --verbose says which they were.

            It ends with 0 when the work is done, by itself or another, with 1 when it failed, with 2 for wrong usage or \
            settings, and with 75 when the database is out of reach.

            EXAMPLES:
              oidc-sessions cleanup --config /etc/oidc-sessions/settings.json
              oidc-sessions cleanup --dry-run --verbose
              oidc-sessions cleanup --stats --verbose
              oidc-sessions cleanup --revoked
              oidc-sessions cleanup --revoked --older-than-days 30
              oidc-sessions cleanup --json >> /var/log/session-cleanup.jsonl
            """
    )

    @OptionGroup var settings: SettingsOptions

    @Flag(name: .customLong("dry-run"), help: "Count what would go, change nothing.")
    var dryRun = false

    @Flag(help: "Say more: counts of each kind, how long it took, the limits judged by, and statistics of the table.")
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

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if stats {
            let others = [("--dry-run", dryRun), ("--revoked", revoked), ("--older-than-days", olderThanDays != nil)]
            for (name, isGiven) in others where isGiven {
                throw ValidationError("--stats changes nothing, so \(name) does not go with it")
            }
        }
        if let olderThanDays, !(0...36_500).contains(olderThanDays) {
            throw ValidationError("--older-than-days: must be a number of days from 0 to 36500")
        }
    }

    func run() async throws {
        // Counting and deleting open no sealed value, but a ring that is there must be a good one.
        let loaded = try settings.load(needs: .database)
        let (reports, statistics) = try await OneShot(settings: loaded, verbose: verbose).withManager { manager in
            let reports = stats ? [] : try await clean(manager, policy: loaded.policy)
            return (reports, stats || verbose ? try await manager.getSessionStats() : nil)
        }
        let wanted = request(policy: loaded.policy) ?? CleanupRequest(policy: loaded.policy)
        let limits = verbose ? CleanupLimits(stats ? nil : wanted, policy: loaded.policy) : nil
        let output = CleanupOutput(reports, statistics, limits)
        if json {
            try Terminal.print(json: output)
        } else {
            if !stats { show(output) }
            if let statistics { StatisticsReport(statistics).print() }
            limits?.print()
        }
        if let last = reports.last, last.didRun, !last.isComplete {
            throw ProgramError(.tryAgain, "something is left that could not be got at: run it again")
        }
    }

    private func clean(_ manager: SessionManager, policy: SessionPolicy) async throws -> [CleanupReport] {
        let line = ProgressLine(isShown: !json && Terminal.isInteractive)
        defer { line.end() }
        // Who looks on costs a count beforehand, so nobody else does.
        var progress: (@Sendable (CleanupProgress) -> Void)?
        if line.isShown {
            progress = { (state: CleanupProgress) in line.update("cleaned", done: state.done, total: state.total) }
        }
        return try await CleanupRuns.untilDone {
            try await manager.cleanUp(request(policy: policy), by: .shell, progress: progress)
        }
    }

    /// Nil for everything that the policy asks for.
    private func request(policy: SessionPolicy) -> CleanupRequest? {
        guard revoked || olderThanDays != nil || dryRun else { return nil }
        var request = revoked ? CleanupRequest.nothing : CleanupRequest(policy: policy)
        if revoked { request.revokedOlderThan = .zero }
        if let olderThanDays { request.revokedOlderThan = .seconds(86_400 * olderThanDays) }
        request.isDryRun = dryRun
        return request
    }

    private func show(_ output: CleanupOutput) {
        guard output.didRun == true else {
            Terminal.print("Another process is cleaning this database; nothing was done")
            return
        }
        let deleted = output.deletedCount ?? 0
        if dryRun {
            Terminal.print("Would clean up \(deleted) expired/old sessions")
        } else {
            Terminal.print("Successfully cleaned up \(deleted) expired/old sessions")
        }
        guard verbose else { return }
        var table = TextTable("KIND", "ROWS")
        for count in output.rows { table.add(Self.names[count.name] ?? count.name, "\(count.rows)") }
        Terminal.print(table.text)
        Terminal.print("took \(output.durationMilliseconds ?? 0) ms")
    }

    private static let names = [
        "expiredSessions": "expired sessions", "abandonedLogins": "abandoned logins",
        "revokedSessions": "revoked sessions", "inactiveSessions": "inactive sessions",
        "limitedSessions": "over their user's limit (revoked)", "orphanedSessions": "sessions of users who are gone",
        "logoutTokens": "logout tokens of providers", "auditRows": "rows of the audit trail",
    ]
}

/// What `cleanup --json` prints: of all runs together, null left out.
private struct CleanupOutput: Encodable {
    let didRun: Bool?
    let isDryRun: Bool?
    let deletedCount: Int?
    let counts: [String: Int]?
    let durationMilliseconds: Int?
    let stats: StatisticsReport?
    let limits: CleanupLimits?
    /// The counts in the order in which a run goes through them.
    let rows: [(name: String, rows: Int)]

    private enum CodingKeys: String, CodingKey {
        case didRun, deletedCount, counts, durationMilliseconds, stats, limits
        case isDryRun = "dryRun"
    }

    init(_ reports: [CleanupReport], _ statistics: SessionStatistics?, _ limits: CleanupLimits?) {
        self.limits = limits
        rows = (reports.first?.counts ?? []).map { count in
            (count.name, reports.flatMap(\.counts).filter { $0.name == count.name }.reduce(0) { $0 + $1.rows })
        }
        stats = statistics.map { StatisticsReport($0) }
        guard let first = reports.first else {
            (didRun, isDryRun, deletedCount, counts, durationMilliseconds) = (nil, nil, nil, nil, nil)
            return
        }
        didRun = first.didRun
        isDryRun = first.isDryRun
        deletedCount = reports.reduce(0) { $0 + $1.deleted }
        counts = Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0.rows) })
        durationMilliseconds = Int(reports.reduce(.zero) { $0 + $1.duration } / .milliseconds(1))
    }
}
