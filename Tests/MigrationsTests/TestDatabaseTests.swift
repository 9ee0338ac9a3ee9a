import Foundation
import PrivatePostgres
import TestSupport
import Testing

@Suite("The database that tests get")
struct TestDatabaseTests {
    private func query(_ sql: String, _ uri: String) async throws -> String {
        let directory = FileManager.default.temporaryDirectory
        let answer = directory.appending(path: "answer-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: answer) }
        var command = Command(
            try await PrivatePostgres.findInstallation().appending(path: "psql").path,
            ["--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--command", sql, uri]
        )
        command.output = answer.path
        try await command.run(within: .seconds(20))
        return try String(contentsOf: answer, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test("is fresh, migrated when asked for, and gone afterwards", arguments: [true, false])
    func isFresh(migrated: Bool) async throws {
        let uri = try await TestDatabase.shared.withDatabase(migrated: migrated) { uri in
            let tables = try await query(
                "SELECT count(*) FROM pg_class WHERE relname = 'sessions'",
                uri
            )
            #expect(tables == (migrated ? "1" : "0"))
            return uri
        }
        await #expect(throws: PrivatePostgresError.self) { try await query("SELECT 1", uri) }
    }
}
