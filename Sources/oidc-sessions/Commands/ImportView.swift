import SessionImport

/// What an import did, for people and for programs.
struct ImportView: Encodable {
    private struct Problem: Encodable {
        let problem: String
        let explanation: String
        let count: Int
        /// Users of the other system, a few.
        let users: [String]
    }

    private let dryRun: Bool
    private let rows: Int
    private let imported: Int
    private let known: Int
    private let expired: Int
    private let revoked: Int
    private let anonymous: Int
    private let withoutTokens: Int
    private let overLimit: Int
    private let problems: [Problem]

    init(_ report: ImportReport) {
        dryRun = report.isDryRun
        rows = report.read
        imported = report.imported
        known = report.known
        expired = report.expired
        revoked = report.revoked
        anonymous = report.anonymous
        withoutTokens = report.withoutTokens
        overLimit = report.overLimit
        problems = report.problems.sorted { $0.key.name < $1.key.name }.map { problem, count in
            Problem(
                problem: problem.name,
                explanation: problem.explanation,
                count: count,
                users: report.examples[problem] ?? []
            )
        }
    }

    func printLines() {
        Terminal.print(dryRun ? "Would import \(imported) of \(rows) rows" : "Imported \(imported) of \(rows) rows")
        var table = TextTable("ROWS", "COUNT")
        table.add(dryRun ? "would be imported" : "imported", "\(imported)")
        table.add("there already, or imported before", "\(known)")
        table.add("expired", "\(expired)")
        table.add("revoked", "\(revoked)")
        table.add("of nobody (logins that were started)", "\(anonymous)")
        for problem in problems { table.add("problem: \(problem.problem)", "\(problem.count)") }
        Terminal.print(table.text)
        for problem in problems {
            let users = problem.users.map { String($0.prefix(64)).onTerminal }.joined(separator: ", ")
            let examples = users.isEmpty ? "" : " (users \(users)\(problem.count > problem.users.count ? ", …" : ""))"
            Terminal.print("\(problem.problem): \(problem.explanation)\(examples)")
        }
        if withoutTokens > 0 {
            Terminal.print("\(withoutTokens) are without tokens: the other system encrypts them with its own key")
        }
        if overLimit > 0 {
            Terminal.print("\(overLimit) were revoked: their users had more than MAX_SESSIONS_PER_USER")
        }
    }
}
