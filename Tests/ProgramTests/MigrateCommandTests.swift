import Foundation
import PrivatePostgres
import TestSupport
import Testing

@Suite("oidc-sessions migrate")
struct MigrateCommandTests {
    @Test("From an empty database to a verified one, with an exit code for each state")
    func wholeWay() async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let environment = ["DATABASE_URL": uri]
            let status = try await Program.run(["migrate", "status"], environment: environment)
            #expect(status.exit == .code(0))
            #expect(status.output.contains("11       sessions"))
            #expect(status.output.contains("pending"))
            #expect(!status.output.contains("applied\n"))

            let pending = try await Program.run(["migrate", "verify"], environment: environment)
            #expect(pending.exit == .code(1))
            #expect(pending.errorLines.count == 1)
            #expect(pending.errors.contains("11_sessions.sql"))
            #expect(pending.errors.contains("oidc-sessions migrate up"))

            let up = try await Program.run(["migrate", "up"], environment: environment)
            #expect(up.exit == .code(0))
            #expect(up.output.hasPrefix("applied 11_sessions\napplied 12_"))

            // `migrate` alone is `migrate up`.
            let again = try await Program.run(["migrate"], environment: environment)
            #expect(again.exit == .code(0))
            #expect(again.output.hasPrefix("nothing to apply"))

            let verified = try await Program.run(["migrate", "verify"], environment: environment)
            #expect(verified.exit == .code(0))
        }
    }

    @Test("For machines it prints JSON")
    func json() async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let environment = ["DATABASE_URL": uri]
            let up = try await Program.run(["migrate", "up", "--json"], environment: environment).json()
            let applied = try #require(up["applied"] as? [[String: Any]])
            #expect(applied.first?["version"] as? Int == 11)
            #expect(applied.first?["name"] as? String == "sessions")
            #expect((up["version"] as? Int) == 10 + applied.count)

            let status = try await Program.run(["migrate", "status", "--json"], environment: environment).json()
            let lines = try #require(status["migrations"] as? [[String: Any]])
            #expect(lines.count == applied.count)
            for line in lines {
                #expect(line["state"] as? String == "applied")
                let date = try #require(line["appliedAt"] as? String)
                #expect(ISO8601DateFormatter().date(from: date) != nil)
            }
        }
    }

    @Test("Files can come from a folder; one that was edited after it had been applied is refused")
    func folder() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "migrations-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "1_mine.sql")
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            func run(_ command: String) async throws -> Program.Outcome {
                let arguments = ["migrate", command, "--folder", folder.path]
                return try await Program.run(arguments, environment: ["DATABASE_URL": uri])
            }
            try Data("CREATE TABLE mine (n int)".utf8).write(to: file)
            #expect(try await run("up").output.hasPrefix("applied 1_mine"))
            try Data("CREATE TABLE mine (n bigint)".utf8).write(to: file)
            for command in ["up", "verify"] {
                let refused = try await run(command)
                #expect(refused.exit == .code(1))
                #expect(refused.errors.contains("1_mine.sql was changed"))
            }
            #expect(try await run("status").output.contains("edited"))
        }
    }

    @Test("A database that can't be reached is 75; one that doesn't exist, or isn't named, is 2")
    func unreachable() async throws {
        let nowhere = "postgresql://someone:topsecret@/none?host=%2Fnonexistent"
        let unreachable = try await Program.run(["migrate", "status"], environment: ["DATABASE_URL": nowhere])
        #expect(unreachable.exit == .code(75))
        #expect(unreachable.errorLines.count == 1)
        #expect(unreachable.errors.hasPrefix("oidc-sessions: DATABASE_URL: "))
        #expect(!unreachable.errors.contains("topsecret"))
        let missing = try await TestDatabase.shared.server().connectionString(database: "missing")
        let misnamed = try await Program.run(["migrate", "status"], environment: ["DATABASE_URL": missing])
        #expect(misnamed.exit == .code(2))
        #expect(misnamed.errors.contains("does not exist"))
        for (parameter, hint) in [
            ("sslmod=require", "has the option sslmod that libpq does not know; did you mean sslmode?"),
            ("schema=public", "has the option schema that libpq does not know; did you mean options="),
            // What may be a piece of a password isn't shown.
            ("hunter2=x", "is malformed or has an option"), ("sslmodeword=x", "is malformed or has an option"),
        ] {
            let uri = "postgresql://someone:topsecret@127.0.0.1:9/none?\(parameter)"
            let outcome = try await Program.run(["migrate", "status"], environment: ["DATABASE_URL": uri])
            #expect(outcome.exit == .code(2))
            let line = "oidc-sessions: DATABASE_URL: configuration: the connection string \(hint)"
            #expect(outcome.errors.hasPrefix(line), "\(outcome.errors)")
            #expect(!outcome.errors.contains("topsecret") && !outcome.errors.contains("hunter2"))
        }
        let unnamed = try await Program.run(["migrate", "status"])
        #expect(unnamed.exit == .code(2))
        #expect(unnamed.errors.contains("DATABASE_URL: is not set"))
    }
}
