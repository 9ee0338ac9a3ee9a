import Foundation
import PrivatePostgres
import TestSupport
import Testing

/// What a restored backup brings back, and how it goes again.
@Suite("Backups")
struct BackupTests {
    private static func dump(_ uri: String, to file: String) async throws {
        try await tool("pg_dump", ["--format", "custom", "--file", file, "--dbname", uri])
    }

    private static func restore(_ file: String, into uri: String) async throws {
        try await tool("pg_restore", ["--no-owner", "--dbname", uri, file])
    }

    private static func tool(_ name: String, _ arguments: [String]) async throws {
        let installation = try await PrivatePostgres.findInstallation()
        try await Command(installation.appending(path: name).path, arguments).run(within: .seconds(120))
    }

    private func signOut(_ browser: Browser, at process: FaultProcess) async throws {
        let origin = FaultDeployment.publicOrigin
        let page = try await browser.request(process.origin + "/logout", form: [:], origin: origin)
        #expect(page.status == 303)
    }

    @Test("RX-02 who signed out after the backup is signed in again by restoring it, until revoke-all has run")
    func restored() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "backup-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await Browser.withBrowser { left in
            try await Browser.withBrowser { stayed in
                var cookies: [[String: String]] = []
                try await TestDatabase.shared.withDatabase { uri in
                    try await FaultDeployment.withProvider(database: uri) { _, environment in
                        try await FaultProcess.run(environment) { process in
                            for browser in [left, stayed] { try await process.signIn(browser) }
                            cookies = [left, stayed].map { $0.cookies(at: process.origin) }
                            try await Self.dump(uri, to: file)
                            try await signOut(left, at: process)
                            #expect(await process.program.terminate() == .code(0))
                        }
                    }
                }
                try await TestDatabase.shared.withDatabase(migrated: false) { uri in
                    try await Self.restore(file, into: uri)
                    try await FaultDeployment.withProvider(database: uri) { _, environment in
                        try await FaultProcess.run(environment) { process in
                            for (browser, jar) in zip([left, stayed], cookies) {
                                for (name, value) in jar { browser.set(name, value, at: process.origin) }
                                #expect(try await process.session(browser) == 200)
                            }
                            let moment = Date().addingTimeInterval(1).formatted(.iso8601)
                            let arguments = ["sessions", "revoke-all", "--created-before", moment]
                            let database = ["DATABASE_URL": uri]
                            let outcome = try await Program.run(arguments, environment: database)
                            #expect(outcome.output == "Revoked 2 sessions\n", "\(outcome.errors)")
                            for browser in [left, stayed] { #expect(try await process.session(browser) == 401) }

                            try await process.signIn(stayed)
                            let none = ["sessions", "revoke-all", "--created-before", "2026-01-01T00:00:00Z"]
                            let again = try await Program.run(none, environment: database)
                            #expect(again.output == "Revoked 0 sessions\n", "\(again.errors)")
                            #expect(try await process.session(stayed) == 200)
                            #expect(await process.program.terminate() == .code(0))
                        }
                    }
                }
            }
        }
    }
}
