import ArgumentParser
import OpenIDConnect
import PostgresPipeline
import SessionImport
import SessionServer
import Sessions

/// `oidc-sessions import`: sessions of another system, so that their holders stay signed in.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take the live sessions of another system over, from its tables.",
        discussion: """
            The tables are read from IMPORT_DATABASE_URL or, without it, from DATABASE_URL, and never written. Each \
            session is taken over once: an import that was interrupted is started again, a second one finds nothing to \
            do, and a session that has ended here since isn't brought back.

            Users: with --provider, the account of that provider that the user has is the subject, and its tokens come \
            along, sealed; users who have none, or several, are left out. Without it the system's own user ids are the \
            subjects: right only where they are what the issuer calls "sub".

            Holders keep their cookies: see SESSION_DOCUMENTED_COOKIE_NAME and SESSION_DOCUMENTED_COOKIE_FORMAT. Ids of \
            user-session stand in tokens and can be guessed, so no cookie presents them, unless --random-ids says better.

            EXAMPLES:
              oidc-sessions import better-auth --provider corporate --dry-run
              oidc-sessions import authjs --table public.Session --provider corporate
              oidc-sessions import documented --issuer https://login.example.com
            """
    )

    @OptionGroup var settings: SettingsOptions

    @Argument(
        help: ArgumentHelp(
            "Whose tables: \(SourceSystem.allCases.map(\.name).joined(separator: ", ")).",
            valueName: "system"
        ),
        completion: .list(SourceSystem.allCases.map(\.name))
    )
    var system: String

    @Option(help: ArgumentHelp("The table of sessions, letter for letter.", valueName: "schema.table"))
    var table: String?

    @Option(help: ArgumentHelp("The table of accounts, if it isn't beside that one.", valueName: "schema.table"))
    var accounts: String?

    @Option(help: ArgumentHelp("The provider whose account ids are the subjects.", valueName: "name"))
    var provider: String?

    @Option(help: ArgumentHelp("The issuer of the users. (default: OIDC_ISSUER)", valueName: "url"))
    var issuer: String?

    @Option(help: ArgumentHelp("The tenant that the sessions get.", valueName: "id"))
    var tenant: String?

    @Flag(
        name: .customLong("random-ids"),
        help: "The ids of user-session were made at random and are secrets: a cookie may present them."
    )
    var randomIDs = false

    @Option(
        name: .customLong("time-zone"),
        help: ArgumentHelp("What times without a zone are in.", valueName: "name")
    )
    var timeZone = "UTC"

    @Flag(name: .customLong("dry-run"), help: "Count what would be taken over, change nothing.")
    var dryRun = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard SourceSystem(name: system) != nil else {
            let known = SourceSystem.allCases.map(\.name).joined(separator: ", ")
            throw ValidationError("the system must be one of \(known)")
        }
        for (flag, name) in [("--table", table), ("--accounts", accounts)] {
            if let name, TableName(name) == nil {
                throw ValidationError("\(flag): must look like table, schema.table or schema.\"Table\"")
            }
        }
    }

    func run() async throws {
        let loaded = try settings.load(needs: [.database, .keyRing])
        guard let keyRing = loaded.keyRing else { throw ProgramError(.misused, "SESSION_SECRET: is not set") }
        let plan = try plan(loaded)
        let oneShot = OneShot(settings: loaded)
        let line = ProgressLine(isShown: !json && Terminal.isInteractive)
        let report = try await oneShot.withMigratedClient { client in
            try await oneShot.withSource(loaded.importDatabase, or: client) { source in
                let importer = SessionImporter(
                    source: source,
                    store: PostgresSessionStore(client: client, keyRing: keyRing, logger: oneShot.logger),
                    policy: loaded.policy,
                    logger: oneShot.logger
                )
                defer { line.end() }
                return try await importer.run(plan) { line.update("looked at", done: $0.read, total: $0.total) }
            }
        }
        if json { try Terminal.print(json: ImportView(report)) } else { ImportView(report).printLines() }
    }

    private func plan(_ settings: Settings) throws -> ImportPlan {
        guard let system = SourceSystem(name: system) else { throw ProgramError(.misused, "system: unknown") }
        guard let issuer = issuer ?? (settings.issuers.count == 1 ? settings.issuers[0] : nil), !issuer.isEmpty
        else {
            throw ProgramError(
                .misused,
                settings.issuers.isEmpty
                    ? "--issuer: is needed, as OIDC_ISSUER isn't set; it says whose users they are"
                    : "--issuer: is needed, as there are several providers; it says whose users they are"
            )
        }
        try check(issuer, settings)
        var plan = ImportPlan(system: system, issuer: issuer)
        plan.table = table.flatMap(TableName.init)
        plan.accountTable = accounts.flatMap(TableName.init)
        plan.provider = provider
        plan.tenantID = tenant ?? settings.policy.tenantID ?? ""
        plan.hasRandomIDs = randomIDs
        plan.timeZone = timeZone
        let storage = settings.addressStorage
        plan.storedAddress = { storage.stored($0) }
        plan.isDryRun = dryRun
        return plan
    }

    /// Checks the issuer as OIDC_ISSUER is: sessions of one that no provider has are never refreshed.
    private func check(_ issuer: String, _ settings: Settings) throws {
        do {
            _ = try ProviderConfiguration(
                name: "import",
                issuer: issuer,
                clientID: "import",
                clientSecret: nil,
                redirectURI: "https://localhost/callback"
            )
        } catch {
            throw ProgramError(.misused, "--\(error.message)")
        }
        if !settings.issuers.isEmpty, !settings.issuers.contains(issuer) {
            let served = settings.issuers.map(\.onTerminal).joined(separator: ", ")
            Terminal.complain("oidc-sessions: --issuer: these users are not of OIDC_ISSUER, \(served)")
        }
    }
}

extension OneShot {
    /// A client on the database that is imported from; the one that there is when that is the same.
    fileprivate func withSource<R: Sendable>(
        _ configuration: PostgresConfiguration?,
        or client: PostgresClient,
        _ body: (PostgresClient) async throws -> R
    ) async throws -> R {
        guard let configuration else { return try await body(client) }
        return try await PostgresClient.withClient(configuration: configuration, logger: logger, body)
    }
}
