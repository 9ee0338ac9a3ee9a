import ArgumentParser
import Logging
import Sessions

/// `oidc-sessions keys`: the keys that seal tokens in the database.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make sealing keys, re-seal what is in the database, see what is under which key.",
        discussion: """
            To rotate: put a new secret at the end of the list in SESSION_SECRET and deploy it everywhere, then move it \
            to the front and deploy again, run `oidc-sessions keys rotate`, and take the old one out. A `serve` that reads \
            the list from SESSION_SECRET_FILE takes each step at SIGHUP, without a restart.

            EXAMPLES:
              oidc-sessions keys generate
              oidc-sessions keys status
              oidc-sessions keys rotate
            """,
        subcommands: [Generate.self, Rotate.self, Status.self]
    )

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a new secret for SESSION_SECRET: 32 random bytes in base64.",
            discussion: """
                EXAMPLES:
                  oidc-sessions keys generate
                  oidc-sessions keys generate > session-secret
                """
        )

        func run() throws {
            Terminal.print(SealingSecret.generate())
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal every row with the first secret of SESSION_SECRET.",
            discussion: """
                It can run beside `serve`. Rows that are done aren't looked at again: after an interruption just start it \
                again. It ends with 75 when \
                rows were in use and are still to be done, and with 1 when rows are under a secret that isn't there.

                EXAMPLES:
                  oidc-sessions keys rotate
                  oidc-sessions keys rotate --json
                """
        )

        @OptionGroup var settings: SettingsOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let report = try await KeysCommand.withStore(settings) { store in
                let progress = ProgressLine(isShown: !json && Terminal.isInteractive)
                defer { progress.end() }
                return try await rotate(store) { progress.update("sealed", done: $0.sealed, total: nil) }
            }
            try show(report)
            guard report.unreadable == 0 else {
                throw ProgramError(
                    "SESSION_SECRET: \(report.unreadable) rows are under a secret that is not in the list;"
                        + " their tokens can't be used, and logins not be finished, until it is put back"
                )
            }
            guard report.skipped == 0 else {
                throw ProgramError(.tryAgain, "\(report.skipped) rows were in use: run it again")
            }
        }

        /// Goes through the table; what was done until it failed is in the audit trail too.
        private func rotate(
            _ store: PostgresSessionStore,
            _ tell: (ResealReport) -> Void
        ) async throws -> ResealReport {
            var report = ResealReport()
            var cursor: ResealCursor?
            do {
                repeat {
                    let batch = try await store.reseal(after: cursor)
                    report.add(batch.report)
                    cursor = batch.next
                    tell(report)
                } while cursor != nil
            } catch {
                try? await store.recordRotation(report, isComplete: false, by: .shell)
                throw error
            }
            try await store.recordRotation(report, isComplete: true, by: .shell)
            return report
        }

        private func show(_ report: ResealReport) throws {
            if json {
                try Terminal.print(
                    json: ["sealed": report.sealed, "skipped": report.skipped, "unreadable": report.unreadable]
                )
            } else {
                Terminal.print("sealed \(report.sealed) rows with the first secret")
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count the rows under each key.",
            discussion: """
                Keys are shown by ids that give nothing away. A role of "missing" means that rows are under a secret that \
                isn't in SESSION_SECRET.

                EXAMPLES:
                  oidc-sessions keys status
                  oidc-sessions keys status --json | jq '.keys[] | select(.role=="missing")'
                """
        )

        @OptionGroup var settings: SettingsOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let loaded = try settings.load(needs: [.database, .keyRing])
            let ring = loaded.keyRing?.keyIDs ?? []
            let status = try await KeysCommand.withStore(settings) { try await $0.sealingStatus() }
            let lines =
                ring.map { KeyLine(keyID: $0, role: $0 == ring.first ? "seals" : "opens", status) }
                + status.rowsByKeyID.keys.filter { !ring.contains($0) }.sorted()
                .map { KeyLine(keyID: $0, role: "missing", status) }
            if json {
                try Terminal.print(json: KeyReport(keys: lines, unmarkedRows: status.unmarkedRows))
            } else {
                var table = TextTable("KEY", "ROLE", "ROWS")
                for line in lines { table.add(line.keyID, line.role, "\(line.rows)") }
                table.add("(clear text or several)", "", "\(status.unmarkedRows)")
                Terminal.print(table.text)
            }
        }
    }

    private struct KeyLine: Encodable {
        let keyID: String
        /// `seals`, `opens`, or `missing`: rows are under it and it isn't in the list.
        let role: String
        let rows: Int

        init(keyID: String, role: String, _ status: SealingStatus) {
            self.keyID = keyID
            self.role = role
            rows = status.rowsByKeyID[keyID] ?? 0
        }
    }

    private struct KeyReport: Encodable {
        let keys: [KeyLine]
        let unmarkedRows: Int
    }

    fileprivate static func withStore<R: Sendable>(
        _ options: SettingsOptions,
        _ body: (PostgresSessionStore) async throws -> R
    ) async throws -> R {
        let loaded = try options.load(needs: [.database, .keyRing])
        guard let keyRing = loaded.keyRing else { throw ProgramError(.misused, "SESSION_SECRET: is not set") }
        let oneShot = OneShot(settings: loaded)
        // What can't be opened is counted and said at the end: a warning for each row would bury that.
        var logger = oneShot.logger
        logger.logLevel = max(logger.logLevel, .error)
        return try await oneShot.withMigratedClient { [logger] client in
            try await body(PostgresSessionStore(client: client, keyRing: keyRing, logger: logger))
        }
    }
}
