import ArgumentParser
import Foundation
import PostgresPipeline
import TestSupport
import Testing

@testable import oidc_sessions

@Suite("Documents are true")
struct DocumentTests {
    @Test("docs/session-management.md: each of its queries runs on a migrated database, and changes nothing")
    func queries() async throws {
        let blocks = try Document("docs/session-management.md").blocks("sql")
        #expect(blocks.count >= 8)
        try await TestDatabase.shared.withClient { client in
            try await client.withDedicatedConnection { connection in
                try await connection.execute(script: "SET default_transaction_read_only = on")
                for block in blocks {
                    do {
                        try await connection.execute(script: block)
                    } catch {
                        Issue.record("\(error)\n\(block)")
                    }
                }
            }
        }
    }

    @Test("docs/session-management.md: the alarm about a cleaner that doesn't run is raised, and goes when it does")
    func alarm() async throws {
        let blocks = try Document("docs/session-management.md").blocks("sql")
        let block = try #require(blocks.first { $0.contains("has not run since") })
        let query = PostgresStatement(block.replacing(";", with: ""))
        try await TestDatabase.shared.withClient { client in
            #expect(try await client.read(query).rowCount == 1)
            let longAgo = """
                INSERT INTO audit_log (action, created_at) VALUES ('SESSION_CLEANUP', now() - interval '2 days')
                """
            try await client.write(PostgresStatement(longAgo))
            #expect(try await client.read(query).rowCount == 1)
            try await client.write(PostgresStatement("INSERT INTO audit_log (action) VALUES ('SESSION_CLEANUP')"))
            #expect(try await client.read(query).rowCount == 0)
        }
    }

    @Test("docs/session-management.md: every column of sessions is described, and nothing that is no column")
    func columns() async throws {
        let text = try Document("docs/session-management.md").text
        let section = try #require(text.firstRange(of: "## What is stored")).lowerBound
        let end = try #require(text[section...].firstRange(of: "`audit_log`: ")).lowerBound
        let table = text[section..<end].split(separator: "\n").filter { $0.hasPrefix("| `") }
        let described = table.flatMap { Document.codes($0.split(separator: "|")[0]) }
        let columns = PostgresStatement(
            """
            SELECT column_name::text FROM information_schema.columns
            WHERE table_name = 'sessions' AND table_schema = current_schema()
            """
        )
        try await TestDatabase.shared.withClient { client in
            let result = try await client.read(columns)
            let names = try (0..<result.rowCount).map { try result[$0].text(0) }
            #expect(described.sorted() == names.sorted())
        }
    }

    @Test(
        "Every command line of the documents is one that the program understands",
        arguments: [
            "README.md", "docs/operations.md", "docs/session-management.md", "docs/migrating.md", "docs/integrating.md",
            "Examples/scheduling/README.md",
        ]
    )
    func commands(path: String) throws {
        let document = try Document(path)
        let lines = document.blocks("sh").flatMap { $0.split(separator: "\n").map(String.init) }
        let spans = Document.codes(document.text).filter { !$0.contains(where: { "[…{<".contains($0) }) }
        var count = 0
        for line in lines + spans {
            // What is before it is the environment.
            let command = /^([A-Z_]+=\S+ )*oidc-sessions +(?<arguments>[a-z][^#|>]*)/
            guard let match = line.firstMatch(of: command) else { continue }
            let arguments = match.arguments.split(separator: " ").map {
                String($0).replacing("'", with: "").replacing("SYSTEM", with: "authjs")
            }
            // The name of a command alone isn't a command line.
            guard arguments != ["import"] else { continue }
            count += 1
            #expect(throws: Never.self, "\(path): \(line)") { try OIDCSessions.parseAsRoot(arguments) }
        }
        if path.contains("management") { #expect(count >= 12) }
    }

    @Test("Every setting that a document names is one")
    func settings() throws {
        let known = Set(SettingName.allCases.flatMap(\.spellings))
        for path in ["docs/session-management.md", "docs/migrating.md", "Examples/scheduling/README.md"] {
            for code in Document.codes(try Document(path).text) {
                guard let name = code.wholeMatch(of: /(?<name>[A-Z]+(_[A-Z]+)+)(=.*)?/)?.name else { continue }
                let actions = [
                    "SESSION_CLEANUP", "SESSION_CLEANUP_ERROR", "SESSION_STATISTICS", "SESSIONS_ENDED", "USER_UPDATED",
                    "IMPORT_TOKEN", "KEY_ROTATION",
                ]
                #expect(known.contains(String(name)) || actions.contains(String(name)), "\(path): \(name)")
            }
        }
    }
}
