import Logging
import Migrations
import PostgresPipeline
import Sessions

/// Everything that `doctor` asks a database that it could reach.
struct DatabaseChecks {
    let client: PostgresClient
    let settings: Settings

    /// Calls `report` with each finding as it comes.
    func run(_ report: (Finding) -> Void) async {
        var facts: DatabaseFacts?
        await check("database", report) {
            let read = try await DatabaseFacts.read(client)
            facts = read
            return read.findings
        }
        var hasSchema = false
        await check("migrations", report) {
            let source = try MigrationSource.embedded()
            let silent = Logger(label: "oidc-sessions") { _ in SwiftLogNoOpLogHandler() }
            let migrator = Migrator(client: client, source: source, logger: silent)
            try await migrator.verify()
            hasSchema = true
            return [.ok("migrations", "all \(source.files.count) are applied")]
        }
        guard hasSchema, let facts else {
            for name in ["indexes", "vacuum", "privileges", "sealing", "cleaner"] {
                report(.warn(name, "not looked at: the schema isn't there"))
            }
            return
        }
        await check("indexes", report) { [try await IndexCheck.finding(client)] }
        await check("vacuum", report) { [try await TableFacts.read(client).finding] }
        await check("privileges", report) { [try await PrivilegeCheck.finding(client, facts: facts)] }
        await check("sealing", report) { [try await SealingCheck.finding(client, keyRing: settings.keyRing)] }
        await check("cleaner", report) { [try await CleaningFacts.read(client).finding(policy: settings.policy)] }
    }

    /// What goes wrong while looking is a finding too.
    private func check(
        _ name: String,
        _ report: (Finding) -> Void,
        _ body: () async throws -> [Finding]
    ) async {
        do {
            for finding in try await body() { report(finding) }
        } catch {
            let lines = ProgramEnd(error).messages
            report(.fail(name, lines.isEmpty ? "\(type(of: error))" : lines.joined(separator: "; ")))
        }
    }
}
