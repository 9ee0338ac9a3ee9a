import ArgumentParser
import OpenIDConnect
import OpenIDConnectTransport

/// `oidc-sessions doctor`: looks at everything that can be wrong, and says what to change.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check settings, database, provider and clocks, one line each.",
        discussion: """
            It changes nothing. Each line says ok, warn or fail, what it is about, what was found, and what to change. \
            It ends with 1 when something fails, and with 75 when the database is out of reach.

            EXAMPLES:
              oidc-sessions doctor
              oidc-sessions doctor --config settings.json
              oidc-sessions doctor --json | jq '.checks[] | select(.level != "ok")'
            """
    )

    @OptionGroup var settings: SettingsOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let loaded = try settings.load(needs: .database)
        var findings: [Finding] = []
        func report(_ finding: Finding) {
            findings.append(finding)
            if !json { Terminal.print(finding.line) }
        }
        for finding in ServingChecks(settings: loaded).findings { report(finding) }
        var databaseEnd: ProgramEnd?
        do {
            try await OneShot(settings: loaded, isQuiet: true).withClient { client in
                await DatabaseChecks(client: client, settings: loaded).run(report)
            }
        } catch {
            let end = ProgramEnd(error)
            report(.fail("database", end.messages.joined(separator: "; ")))
            databaseEnd = end
        }
        try await checkProvider(loaded, report)
        if json { try Terminal.print(json: DoctorReport(findings)) }
        if let databaseEnd { throw ProgramError(databaseEnd.code, databaseEnd.messages.joined(separator: "; ")) }
        let failed = findings.count { $0.level == .fail }
        guard failed == 0 else { throw ProgramError("\(failed) of \(findings.count) checks failed") }
    }

    private func checkProvider(_ loaded: Settings, _ report: (Finding) -> Void) async throws {
        guard !loaded.tenants.isEmpty else {
            report(.warn("provider", "OIDC_ISSUER, OIDC_CLIENT_ID and BASE_URL are not all set here: serve needs them"))
            return
        }
        // Of each provider once: its tenants have it in common, but for where it sends browsers back to.
        var providers: [String: ProviderConfiguration] = [:]
        for provider in loaded.tenants.flatMap(\.providers) { providers[provider.name] = provider }
        let isOnly = loaded.providers.count == 1
        try await HTTPClientTransport.withTransport { transport in
            for provider in loaded.providers.compactMap({ providers[$0.name] }) {
                let checks = ProviderChecks(provider, transport: ObservedTransport(transport))
                await checks.run { report(isOnly ? $0 : $0.of(provider.name)) }
            }
        }
    }
}

/// What `doctor --json` prints.
private struct DoctorReport: Encodable {
    let checks: [Finding]
    let failed: Int
    let warned: Int

    init(_ checks: [Finding]) {
        self.checks = checks
        failed = checks.count { $0.level == .fail }
        warned = checks.count { $0.level == .warn }
    }
}
