import ArgumentParser
import Sessions

extension SessionsCommand {
    /// `oidc-sessions sessions revoke-user`.
    struct RevokeUser: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke-user",
            abstract: "End the active sessions of a user.",
            discussion: """
                The subject is compared exactly: there are no patterns. A subject is unique within its issuer only, so \
                that one with sessions of several issuers or tenants must be told apart by --issuer and --tenant. It is the \
                sub claim, not the e-mail address: `sessions list --email` finds it.

                It ends with 1 when no active session has that subject.

                EXAMPLES:
                  oidc-sessions sessions revoke-user 248289761001 --dry-run
                  oidc-sessions sessions revoke-user ada --tenant acme
                  oidc-sessions sessions revoke-user ada --issuer https://id.example.com
                """
        )

        @OptionGroup var settings: SettingsOptions

        @Argument(help: "The sub claim, exactly.")
        var subject: String

        @OptionGroup var scope: SessionsScope

        @Option(help: ArgumentHelp("Leaves this session alone; may be repeated.", valueName: "handle"))
        var except: [SessionHandle] = []

        @Flag(name: .customLong("dry-run"), help: "Show what would be ended, end nothing.")
        var dryRun = false

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let loaded = try settings.load(needs: .database)
            var filter = scope.filter
            filter.subject = subject
            filter.states = [.active]
            let oneShot = OneShot(settings: loaded)
            let (found, affected, count) = try await oneShot.withEndingManager { manager in
                let found = try await activeSessions(filter, manager)
                try refuseAmbiguity(found)
                let affected = found.filter { !except.contains($0.handle) }
                guard !dryRun, !found.isEmpty else { return (found, affected, affected.count) }
                return (found, affected, try await revoke(affected, filter, manager))
            }
            if json {
                let revoked = dryRun ? 0 : count
                try Terminal.print(
                    json: RevocationReport(revoked: revoked, matched: affected.count, dryRun: dryRun)
                )
            }
            guard !found.isEmpty else {
                throw ProgramError(
                    "\(subject): no active session has this subject; it is the sub claim, not the e-mail address"
                )
            }
            if json { return }
            let phrase = "\(count) session\(count == 1 ? "" : "s") of \(subject.onTerminal)"
            guard dryRun else { return Terminal.print("Revoked \(phrase)") }
            Terminal.print("Would revoke \(phrase)")
            if !affected.isEmpty { show(affected) }
        }

        private func activeSessions(_ filter: SessionFilter, _ manager: SessionManager) async throws -> [SessionSummary]
        {
            var found: [SessionSummary] = []
            var cursor: SessionPage.Cursor?
            repeat {
                let page = try await manager.listSessions(filter, after: cursor, limit: 1000)
                found += page.sessions
                cursor = page.next
            } while cursor != nil
            return found
        }

        /// Ends them in one go, with one row in the audit trail; one by one when some are to stay.
        private func revoke(
            _ affected: [SessionSummary],
            _ filter: SessionFilter,
            _ manager: SessionManager
        ) async throws -> Int {
            guard !except.isEmpty else {
                let outcome = try await manager.endSessions(matching: filter, mode: .revoke(.invalidated), by: .shell)
                guard outcome.isComplete else {
                    throw ProgramError(
                        .tryAgain,
                        "\(outcome.ended) sessions were revoked, and time was over: run it again"
                    )
                }
                return outcome.ended
            }
            var count = 0
            for session in affected
            where try await manager.revokeSession(session.handle, reason: .invalidated, by: .shell) { count += 1 }
            return count
        }

        private func refuseAmbiguity(_ found: [SessionSummary]) throws {
            let issuers = Set(found.map { $0.attributes.issuer ?? "" })
            let tenants = Set(found.map(\.attributes.tenantID))
            var wanted: [String] = []
            if issuers.count > 1 { wanted.append("--issuer") }
            if tenants.count > 1 { wanted.append("--tenant") }
            guard !wanted.isEmpty else { return }
            let options = wanted.joined(separator: " and ")
            var lines = ["\(subject): there are several users of this subject: say \(options)"]
            let users = Dictionary(grouping: found) { "\($0.attributes.issuer ?? "") \($0.attributes.tenantID)" }
            for (_, sessions) in users.sorted(by: { $0.key < $1.key }) {
                guard let first = sessions.first?.attributes else { continue }
                let tenant = first.tenantID.isEmpty ? "" : " --tenant \(first.tenantID)"
                lines.append("--issuer \(first.issuer ?? "''")\(tenant): \(sessions.count) active")
            }
            throw SettingsError(lines)
        }

        private func show(_ sessions: [SessionSummary]) {
            var table = SessionTable()
            for session in sessions { table.add(session) }
            Terminal.print(table.next())
        }
    }
}
