import ArgumentParser
import Foundation
import Sessions

extension SessionsCommand {
    /// `oidc-sessions sessions revoke-all`.
    struct RevokeAll: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke-all",
            abstract: "End every active session: everybody signs in again.",
            discussion: """
                After an incident, and after a backup was restored: what had been ended since it was made lives again in it. \
                It can be interrupted and run again. Where its input is a terminal it says how many there are, and asks; \
                a script says --yes.

                EXAMPLES:
                  oidc-sessions sessions revoke-all --dry-run
                  oidc-sessions sessions revoke-all --created-before 2026-11-21T10:15:00Z
                  oidc-sessions sessions revoke-all --tenant acme
                """
        )

        @OptionGroup var settings: SettingsOptions

        @Option(
            name: .customLong("created-before"),
            help: ArgumentHelp(
                "Only those created before this moment, as 2026-11-21T10:15:00Z.",
                valueName: "moment"
            ),
            transform: Self.moment
        )
        var createdBefore: Date?

        @OptionGroup var scope: SessionsScope

        @Flag(name: .customLong("dry-run"), help: "Count what would be ended, end nothing.")
        var dryRun = false

        @Flag(help: "Don't ask.")
        var yes = false

        @Flag(help: "Print JSON.")
        var json = false

        private static func moment(_ text: String) throws -> Date {
            guard let date = try? Date(text, strategy: .iso8601) else {
                throw ValidationError("must be a moment such as 2026-11-21T10:15:00Z")
            }
            return date
        }

        func run() async throws {
            var filter = scope.filter
            filter.states = [.active]
            filter.createdBefore = createdBefore
            let loaded = try settings.load(needs: .database)
            let report = try await OneShot(settings: loaded).withEndingManager { manager in
                if !dryRun, !yes, Terminal.hasKeyboard { try await confirm(filter, manager) }
                return try await end(filter, manager, isDryRun: dryRun)
            }
            if json { return try Terminal.print(json: report) }
            let count = dryRun ? report.matched : report.revoked
            Terminal.print("\(dryRun ? "Would revoke" : "Revoked") \(count) session\(count == 1 ? "" : "s")")
        }

        private func confirm(_ filter: SessionFilter, _ manager: SessionManager) async throws {
            guard Terminal.isInteractive else {
                throw ValidationError("there is no terminal to ask on, as standard error goes elsewhere: say --yes")
            }
            let count = try await end(filter, manager, isDryRun: true).matched
            if count == 0 || Terminal.confirms("End all active sessions, \(count) at the moment?") { return }
            Terminal.complain("Nothing was ended.")
            throw ExitCode.failure
        }

        /// Each turn has its time; together they take what it takes.
        private func end(
            _ filter: SessionFilter,
            _ manager: SessionManager,
            isDryRun: Bool
        ) async throws -> RevocationReport {
            var report = RevocationReport(dryRun: isDryRun)
            while true {
                let outcome = try await manager.endSessions(
                    matching: filter,
                    mode: .revoke(.invalidated),
                    isDryRun: isDryRun,
                    by: .shell
                )
                report.revoked += outcome.ended
                report.matched += outcome.matched
                if outcome.isComplete { return report }
                try Task.checkCancellation()
            }
        }
    }
}
