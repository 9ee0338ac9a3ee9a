import ArgumentParser
import Foundation
import PostgresPipeline
import Secrets
import Sessions
import Testing

@testable import oidc_sessions

@Suite("Settings come from flags, environment and file, in this order")
struct SettingsSourcesTests {
    private func withFile<Result>(_ content: String, _ body: (String) throws -> Result) throws -> Result {
        let file = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(content.utf8).write(to: file)
        return try body(file.path)
    }

    @Test("a flag wins over the environment, the environment over the file")
    func precedence() throws {
        try withFile(#"{"PORT": 1001, "ADMIN_PORT": 1002, "HOST": "127.0.0.2", "CLEANUP_ON_STARTUP": false}"#) { file in
            let settings = try Settings.load(
                environment: ["PORT": "2001", "ADMIN_PORT": "2002"],
                configurationFile: file,
                overrides: ["PORT": "3001"],
                needs: []
            )
            #expect(settings.listener == Settings.Listener(host: "127.0.0.2", port: 3001))
            #expect(settings.adminListener.port == 2002)
            #expect(settings.policy.cleanupOnStartup == false)
        }
    }

    @Test(
        "a file that is not an object of settings stops the start",
        arguments: ["", "[]", "{", #"{"PORT": [1]}"#, #"{"PORT": 1.5}"#, #"{"PROT": 1}"#]
    )
    func badFile(content: String) throws {
        try withFile(content) { file in
            _ = #expect(throws: SettingsError.self) {
                try Settings.load(environment: [:], configurationFile: file, needs: [])
            }
        }
        #expect(throws: SettingsError.self) {
            try Settings.load(environment: [:], configurationFile: "/nonexistent/settings.json", needs: [])
        }
    }

    @Test(
        "what is wrong with the form of a file is said with the line",
        arguments: [
            ("{\n  \"PORT\": 1,\n  \"HOST\": x\n}", 3), ("{\n  \"PORT\": 1\n  \"HOST\": \"x\"\n}", 3),
            ("{\"PORT\": 1,\n}", 2), ("{\"PORT\": 1,\n\"PORT\": 2,\n\"HOST\": \"x\"}", 2), ("{}\n{}", 2),
            ("", 1),
        ]
    )
    func lineOfFlaw(content: String, line: Int) throws {
        try withFile(content) { file in
            let error = try #require(throws: SettingsError.self) {
                try Settings.load(environment: [:], configurationFile: file, needs: [])
            }
            #expect(error.problems.count == 1)
            let beginning = "--config: \(file), line \(line) or the one before: must be"
            #expect(error.problems[0].hasPrefix(beginning), "\(error)")
        }
    }

    @Test("a secret's file that can't be read is one problem, and says why")
    func unreadable() throws {
        for (path, why) in [("/tmp", "it is a directory"), ("/nonexistent", "no such file")] {
            for name in ["SESSION_SECRET_FILE", "DATABASE_URL_FILE"] {
                let error = try #require(throws: SettingsError.self) {
                    try Settings.load(environment: [name: path], needs: name.hasPrefix("S") ? .keyRing : .database)
                }
                #expect(error.problems == ["\(name): cannot read \(path): \(why)"])
            }
        }
    }

    @Test("a secret can come from a file; a final newline is not part of it")
    func secretFile() throws {
        try withFile("postgres://db/from-file\n") { file in
            let settings = try Settings.load(environment: ["DATABASE_URL_FILE": file], needs: .database)
            #expect(settings.database?.connectionString.reveal() == "postgres://db/from-file")
            let twice = ["DATABASE_URL_FILE": file, "DATABASE_URL": "postgres://db/app"]
            let error = try #require(throws: SettingsError.self) {
                try Settings.load(environment: twice, needs: .database)
            }
            #expect(error.description.contains("DATABASE_URL and DATABASE_URL_FILE"))
        }
    }

    @Test("BETTER_AUTH_SECRET is read as SESSION_SECRET, and a list rotates")
    func aliasAndRotation() throws {
        let first = "A7cJ+mD0oYkq3xHsuVtP5wZbLr8NeG1iQFfU2hKEdOg="
        let second = "9kQvT2mXw4LpZs6RyJb1HdNfCg8UeA0iO3uV5hKxE7M="
        let alias = try Settings.load(environment: ["BETTER_AUTH_SECRET": first], needs: .keyRing)
        let both = try Settings.load(environment: ["SESSION_SECRET": "\(second), \(first)"], needs: .keyRing)
        let ring = try #require(alias.keyRing)
        let rotated = try #require(both.keyRing)
        #expect(rotated.keyIDs.count == 2)
        #expect(rotated.keyIDs.last == ring.sealingKeyID)
        #expect(throws: SettingsError.self) {
            try Settings.load(environment: ["SESSION_SECRET": "\(first),\(first)"], needs: .keyRing)
        }
    }

    @Test("AD-10 --set takes no secret, since every user of the machine sees process arguments")
    func secretFlag() throws {
        let options = try SettingsOptions.parse(["--set", "SESSION_SECRET=abc", "--set", "PORT=1"])
        let error = try #require(throws: SettingsError.self) { try options.load(needs: [], environment: [:]) }
        #expect(error.problems.count >= 1)
        #expect(error.description.contains("SESSION_SECRET_FILE"))
        let malformed = try SettingsOptions.parse(["--set", "PORT"])
        #expect(throws: SettingsError.self) { try malformed.load(needs: [], environment: [:]) }
    }
}
