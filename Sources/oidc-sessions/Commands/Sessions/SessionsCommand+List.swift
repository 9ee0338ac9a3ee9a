import ArgumentParser
import Sessions

extension SessionsCommand {
    /// `oidc-sessions sessions list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List sessions, the newest first; 30 of them unless told otherwise.",
            discussion: """
                --json prints one JSON object a line, so that a list of any length can be read as it comes.

                EXAMPLES:
                  oidc-sessions sessions list
                  oidc-sessions sessions list --user 248289761001 --state active
                  oidc-sessions sessions list --email ada@example.com
                  oidc-sessions sessions list --all --json | jq -r .handle
                """
        )

        @OptionGroup var settings: SettingsOptions

        @Option(help: ArgumentHelp("Only of this subject, exactly.", valueName: "subject"))
        var user: String?

        @Option(
            help: ArgumentHelp("Only with this e-mail address, in any case; it reads all rows.", valueName: "address")
        )
        var email: String?

        @OptionGroup var scope: SessionsScope

        @Option(help: "Only in this state: active, expired, inactive or revoked; may be repeated.")
        var state: [SessionState] = []

        @Option(
            name: .customLong("older-than-days"),
            help: ArgumentHelp("Only those created longer ago than N days.", valueName: "N")
        )
        var olderThanDays: Int?

        @Option(help: ArgumentHelp("At most so many.", valueName: "N"))
        var limit: Int?

        @Flag(help: "All of them, however many.")
        var all = false

        @Flag(help: "Print one JSON object a line.")
        var json = false

        private static let usualLimit = 30
        private static let pageSize = 500

        func validate() throws {
            if all, limit != nil { throw ValidationError("--all and --limit exclude each other") }
            if let limit, !(1...1_000_000).contains(limit) {
                throw ValidationError("--limit: must be a number from 1 to 1000000")
            }
            if let olderThanDays, !(1...36_500).contains(olderThanDays) {
                throw ValidationError("--older-than-days: must be a number of days from 1 to 36500")
            }
        }

        func run() async throws {
            var filter = scope.filter
            filter.subject = user
            filter.email = email
            filter.states = Set(state)
            filter.olderThan = olderThanDays.map { .seconds($0 * 86_400) }
            let loaded = try settings.load(needs: .database)
            try await OneShot(settings: loaded).withManager { manager in
                try await list(filter, manager)
            }
        }

        private func list(_ filter: SessionFilter, _ manager: SessionManager) async throws {
            var left = all ? Int.max : limit ?? Self.usualLimit
            var table = SessionTable()
            var cursor: SessionPage.Cursor?
            repeat {
                let page = try await manager.listSessions(filter, after: cursor, limit: min(left, Self.pageSize))
                for session in page.sessions {
                    if json { try Terminal.print(json: SessionLine(session)) } else { table.add(session) }
                }
                if !json { Terminal.print(table.next()) }
                left -= page.sessions.count
                cursor = page.next
            } while cursor != nil && left > 0
            if cursor != nil, !json { Terminal.complain("There are more: --limit N or --all shows them") }
        }
    }
}
