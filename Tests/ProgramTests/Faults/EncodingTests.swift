import PrivatePostgres
import TestSupport
import Testing

@Suite("Databases of another encoding")
struct EncodingTests {
    @Test(
        "RB-24 a database of another encoding than UTF-8 is refused with exit code 2 and what to do",
        arguments: [("LATIN1", ["serve"]), ("SQL_ASCII", ["migrate", "up"]), ("SQL_ASCII", ["sessions", "list"])]
    )
    func encoding(name: String, arguments: [String]) async throws {
        let creation = ["--encoding", name, "--locale", "C"]
        try await TestDatabase.shared.withDatabase(migrated: false, creation: creation) { uri in
            let environment = Program.servingEnvironment(database: uri)
            let outcome = try await Program.run(arguments, environment: environment)
            #expect(outcome.exit == .code(2), "\(outcome.errors)")
            #expect(outcome.output == "")
            let line = try #require(outcome.errorLines.last)
            #expect(line.hasPrefix("oidc-sessions: DATABASE_URL: the database's encoding is \(name)"), "\(line)")
            #expect(line.contains("ENCODING 'UTF8'"))
        }
    }
}
