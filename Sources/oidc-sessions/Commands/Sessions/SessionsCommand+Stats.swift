import ArgumentParser
import Foundation
import Sessions

extension SessionsCommand {
    /// `oidc-sessions sessions stats`.
    struct Stats: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count sessions: by state, by tenant, and by user if asked.",
            discussion: """
                It reads the whole table.

                EXAMPLES:
                  oidc-sessions sessions stats
                  oidc-sessions sessions stats --by-user --limit 10
                  oidc-sessions sessions stats --json --tenant acme
                """
        )

        @OptionGroup var settings: SettingsOptions

        @Option(help: ArgumentHelp("Only of this tenant, exactly.", valueName: "id"))
        var tenant: String?

        @Flag(name: .customLong("by-user"), help: "The users with the most sessions as well.")
        var byUser = false

        @Option(help: ArgumentHelp("With --by-user: at most so many users.", valueName: "N"))
        var limit: Int?

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            if limit != nil, !byUser { throw ValidationError("--limit: goes with --by-user only") }
            if let limit, !(1...1_000_000).contains(limit) {
                throw ValidationError("--limit: must be a number from 1 to 1000000")
            }
        }

        func run() async throws {
            let loaded = try settings.load(needs: .database)
            let report = try await OneShot(settings: loaded).withStore { store, manager in
                StatisticsReport(
                    try await manager.getSessionStats(tenantID: tenant),
                    users: byUser
                        ? try await store.userSessionCounts(
                            tenantID: tenant,
                            limit: limit ?? 100,
                            policy: manager.policy
                        ) : nil
                )
            }
            if json { try Terminal.print(json: report) } else { report.print() }
        }
    }
}

/// What `sessions stats` and `cleanup --stats` tell.
struct StatisticsReport: Encodable {
    let total: Int
    let active: Int
    let expired: Int
    let revoked: Int
    let inactive: Int
    let pendingLogins: Int
    let activeByTenant: [String: Int]
    let oldestExpiry: Date?
    let newestExpiry: Date?
    let takenAt: Date
    let users: [User]?
    private let logLine: String

    struct User: Encodable {
        let tenantID: String
        let issuer: String
        let subject: String?
        let total: Int
        let active: Int
        let revoked: Int
        let lastAccessedAt: Date

        private enum CodingKeys: String, CodingKey {
            case issuer, total, active, revoked, lastAccessedAt
            case tenantID = "tenantId"
            case subject = "user"
        }
    }

    /// Those of `/api/admin/sessions/stats`.
    private enum CodingKeys: String, CodingKey {
        case pendingLogins, oldestExpiry, newestExpiry, users
        case total = "totalSessions"
        case active = "totalActiveSessions"
        case expired = "expiredSessions"
        case revoked = "revokedSessions"
        case inactive = "inactiveSessions"
        case activeByTenant = "sessionsByTenant"
        case takenAt = "timestamp"
    }

    init(_ statistics: SessionStatistics, users: [UserSessionCount]? = nil) {
        total = statistics.total
        active = statistics.active
        expired = statistics.expired
        revoked = statistics.revoked
        inactive = statistics.inactive
        pendingLogins = statistics.pendingLogins
        activeByTenant = statistics.activeByTenant
        oldestExpiry = statistics.oldestExpiry
        newestExpiry = statistics.newestExpiry
        takenAt = statistics.takenAt
        logLine = statistics.logLine
        self.users = users?.map { user in
            User(
                tenantID: user.tenantID,
                issuer: user.issuer,
                subject: user.subject,
                total: user.total,
                active: user.active,
                revoked: user.revoked,
                lastAccessedAt: user.lastAccessedAt
            )
        }
    }

    func print() {
        Terminal.print(logLine)
        Terminal.print("Inactive: \(inactive), Pending logins: \(pendingLogins)")
        for (name, date) in [("Oldest expiry", oldestExpiry), ("Newest expiry", newestExpiry)] {
            if let date { Terminal.print("\(name): \(date.formatted(.iso8601))") }
        }
        for (tenant, count) in activeByTenant.sorted(by: { $0.key < $1.key }) where !tenant.isEmpty {
            Terminal.print("Active in tenant \(tenant.onTerminal): \(count)")
        }
        guard let users, !users.isEmpty else { return }
        var table = TextTable("USER", "ISSUER", "TENANT", "TOTAL", "ACTIVE", "REVOKED", "LAST USED", uncut: [3, 4, 5])
        for user in users {
            table.add(
                user.subject ?? "(nobody)",
                user.issuer,
                user.tenantID,
                "\(user.total)",
                "\(user.active)",
                "\(user.revoked)",
                RelativeTime.text(from: user.lastAccessedAt, to: takenAt)
            )
        }
        Terminal.print("")
        Terminal.print(table.text)
    }
}
