import Foundation
import Glibc
import PostgresPipeline
import PrivatePostgres
import ScriptedProvider
import TestSupport
import Testing

/// Secrets that are changed in their files while `serve` runs.
@Suite("At SIGHUP secrets are read again", .serialized)
struct SecretsReloadTests {
    private static let origin = "http://localhost:8080"
    private static let tokens = ["3xYl0mQd9v2Tz8JwUe7RbKq1HnGs5CfA", "b7d1c0e94f5a48d6a2639e8810f7c3b5"]
    private static let taken = "Secrets read again"
    private static let refused = "those of before stay in force"
    private static let sudden = "wasn't in the list before"

    /// Files of secrets, by the setting.
    private struct Files {
        let directory: URL

        func write(_ setting: String, _ value: String) throws {
            try Data((value + "\n").utf8).write(to: directory.appending(path: setting), options: .atomic)
        }

        var environment: [String: String] {
            Dictionary(
                uniqueKeysWithValues: ["SESSION_SECRET", "ADMIN_TOKEN", "OIDC_CLIENT_SECRET"].map {
                    ("\($0)_FILE", directory.appending(path: $0).path)
                }
            )
        }
    }

    private struct Deployment {
        let files: Files
        let database: ProgramDatabase
        let environment: [String: String]

        /// Starts a replica and answers where it listens.
        func withReplica<R>(
            _ arguments: [String] = ["serve"],
            _ body: (RunningProgram, String) async throws -> R
        ) async throws -> R {
            try await RunningProgram.withProgram(arguments, environment: environment) { program in
                let address = try await program.wait(for: #"serves \S+ on (127\.0\.0\.1:[0-9]+)"#)
                try await Browser.withBrowser { try await $0.waitUntilReady("http://" + address) }
                return try await body(program, address)
            }
        }

        /// Under which keys the rows are.
        func sealingKeys() async throws -> Set<String> {
            let query = "SELECT DISTINCT seal_key_id::text FROM sessions WHERE access_token IS NOT NULL"
            return Set(try await database.texts(query))
        }
    }

    private func withDeployment(_ body: (Deployment) async throws -> Void) async throws {
        let directory = TestDatabase.scratchDirectory()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let files = Files(directory: directory)
        try files.write("SESSION_SECRET", Program.secret)
        try files.write("ADMIN_TOKEN", Self.tokens[0])
        try files.write("OIDC_CLIENT_SECRET", Providers.secret)
        try await Providers.run(redirectURIs: [[Self.origin + "/callback"]]) { issuers in
            try await ProgramDatabase.withDatabase { database in
                var environment = Program.servingEnvironment(database: database.uri)
                environment["SESSION_SECRET"] = nil
                environment["OIDC_ISSUER"] = issuers[0]
                environment["OIDC_CLIENT_ID"] = Providers.clientID
                environment.merge(files.environment) { $1 }
                try await body(Deployment(files: files, database: database, environment: environment))
            }
        }
    }

    /// A browser that takes this address for the site.
    private func withBrowser<R>(at address: String, _ body: (Browser) async throws -> R) async throws -> R {
        try await Browser.withBrowser { browser in
            browser.addresses["localhost:8080"] = address
            return try await body(browser)
        }
    }

    private func status(_ browser: Browser) async throws -> Int {
        try await browser.request(Self.origin + "/session", accept: "application/json").status
    }

    @Test("RC-14 two replicas amid a rotation: nobody is signed out, no login is lost, until one key is left")
    func rotation() async throws {
        try await withDeployment { deployment in
            let (old, new) = (Program.secret, Program.newerSecret)
            try await deployment.withReplica { first, firstAddress in
                try await deployment.withReplica { second, secondAddress in
                    try await withBrowser(at: firstAddress) { browser in
                        var signals = [0, 0]
                        func rotate(_ replicas: [Int], to list: String) async throws {
                            try deployment.files.write("SESSION_SECRET", list)
                            for index in replicas {
                                let replica = index == 0 ? first : second
                                replica.process.signal(SIGHUP)
                                signals[index] += 1
                                try await replica.wait(forLines: signals[index], with: Self.taken)
                            }
                        }
                        func at(_ address: String) { browser.addresses["localhost:8080"] = address }

                        _ = try await browser.signIn(at: Self.origin, as: "user-ada")
                        let before = try await deployment.sealingKeys()
                        #expect(before.count == 1)
                        try await rotate([0, 1], to: "\(old),\(new)")
                        // The first seals with the new one already, the second still with the old one.
                        try await rotate([0], to: "\(new),\(old)")
                        for (start, finish) in [(firstAddress, secondAddress), (secondAddress, firstAddress)] {
                            at(start)
                            let callback = try await browser.callback(at: Self.origin, as: "user-grace")
                            at(finish)
                            #expect(try await browser.request(callback).status == 303)
                            at(start)
                            #expect(try await status(browser) == 200)
                        }
                        try await rotate([1], to: "\(new),\(old)")
                        _ = try await Browser.withBrowser { other in
                            other.addresses["localhost:8080"] = secondAddress
                            return try await other.signIn(at: Self.origin, as: "user-ada")
                        }
                        #expect(try await deployment.sealingKeys().subtracting(before).count == 1)

                        let rotated = try await Program.run(["keys", "rotate"], environment: deployment.environment)
                        #expect(rotated.exit == .code(0))
                        #expect(try await deployment.sealingKeys().isDisjoint(with: before))
                        try await rotate([0, 1], to: new)
                        // What was sealed under the old key is opened: the ID token goes along to the provider's logout.
                        at(secondAddress)
                        #expect(try await status(browser) == 200)
                        let out = try await browser.request(
                            Self.origin + "/logout",
                            form: [:],
                            fields: ["Sec-Fetch-Site": "same-origin"]
                        )
                        #expect(out.status == 303 && out.location?.contains("id_token_hint=") == true)
                    }
                    for replica in [first, second] {
                        #expect(await replica.terminate() == .code(0))
                        for secret in [old, new] { #expect(!replica.errors.contains(secret)) }
                        #expect(!replica.errors.contains(Self.sudden))
                    }
                }
            }
        }
    }

    @Test("RC-14 a sealing key that is put first in one step is taken, with a warning that replicas need it before")
    func suddenKey() async throws {
        try await withDeployment { deployment in
            try await deployment.withReplica { program, address in
                try deployment.files.write("SESSION_SECRET", "\(Program.newerSecret),\(Program.secret)")
                program.process.signal(SIGHUP)
                try await program.wait(forLines: 1, with: Self.taken)
                try await program.wait(forLines: 1, with: Self.sudden)
                try await withBrowser(at: address) { browser in
                    _ = try await browser.signIn(at: Self.origin, as: "user-ada")
                    #expect(try await status(browser) == 200)
                }
                #expect(await program.terminate() == .code(0))
            }
        }
    }

    @Test("RX-04 other settings that have changed stay as they were, and the log names those that wait for a restart")
    func otherSettings() async throws {
        try await withDeployment { deployment in
            let file = deployment.files.directory.appending(path: "settings.json")
            func write(_ text: String) throws { try Data(text.utf8).write(to: file, options: .atomic) }
            try write(#"{"SESSION_DURATION_HOURS": 2}"#)
            try await deployment.withReplica(["serve", "--config", file.path]) { program, _ in
                let waiting = "take a restart"
                try write(#"{"SESSION_DURATION_HOURS": 3, "OIDC_SCOPES": "openid email"}"#)
                program.process.signal(SIGHUP)
                try await program.wait(forLines: 1, with: waiting)
                #expect(program.errors.contains("OIDC_SCOPES; SESSION_DURATION_HOURS"))
                #expect(program.errors.contains(#""changed":"nothing""#))

                // One that doesn't pass leaves all as it was, also the good one beside it.
                try write(#"{"SESSION_DURATION_HOURS": "soon"}"#)
                try deployment.files.write("ADMIN_TOKEN", Self.tokens[1])
                program.process.signal(SIGHUP)
                try await program.wait(forLines: 1, with: Self.refused)

                try write(#"{"SESSION_DURATION_HOURS": 2}"#)
                program.process.signal(SIGHUP)
                try await program.wait(forLines: 1, with: #""changed":"ADMIN_TOKEN""#)
                #expect(program.errors.split(separator: "\n").count { $0.contains(waiting) } == 1)
                #expect(await program.terminate() == .code(0))
            }
        }
    }

    @Test("RC-15 a client's key changes like its secret: signed with the old one, then with the new one")
    func clientKey() async throws {
        let directory = TestDatabase.scratchDirectory()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (old, new) = (ScriptedKey(kid: "old"), ScriptedKey(kid: "new"))
        var client = ScriptedClient()
        client.authenticationMethod = "private_key_jwt"
        client.publicKey = new.publicJWK
        let (clientKey, dpopKey) = (directory.appending(path: "client"), directory.appending(path: "dpop"))
        try Data(old.privatePEM.utf8).write(to: clientKey)
        try Data(old.privatePEM.utf8).write(to: dpopKey)
        let settings = ["OIDC_CLIENT_KEY_FILE": clientKey.path, "OIDC_DPOP_KEY_FILE": dpopKey.path]
        try await AdversarySite.run(settings, client: client) { site, browser in
            #expect(try await site.signIn(browser).status == 500)
            try Data(new.privatePEM.utf8).write(to: clientKey, options: .atomic)
            site.program.process.signal(SIGHUP)
            try await site.program.wait(forLines: 1, with: "OIDC_CLIENT_KEY of default")
            #expect(!site.program.errors.contains("OIDC_DPOP_KEY of default"))
            #expect(try await site.signIn(browser).status == 303)

            try Data(new.privatePEM.utf8).write(to: dpopKey, options: .atomic)
            site.program.process.signal(SIGHUP)
            try await site.program.wait(forLines: 1, with: "OIDC_DPOP_KEY of default")
            #expect(try await site.signIn(browser).status == 303)
            #expect(Set(site.provider.proofKeys()).count == 2)
            #expect(!site.program.errors.contains("PRIVATE KEY"))
        }
    }

    @Test("A value that doesn't pass is refused with the reason, all of the old stays, and serving goes on")
    func refusal() async throws {
        try await withDeployment { deployment in
            try await deployment.withReplica { program, address in
                try await withBrowser(at: address) { browser in
                    _ = try await browser.signIn(at: Self.origin, as: "user-ada")
                    let changes = [
                        ("SESSION_SECRET", "topsecret1", "SESSION_SECRET: the first secret is weak"),
                        ("SESSION_SECRET", Program.newerSecret, "doesn't have the secret any more that seals"),
                        ("SESSION_SECRET", "", "SESSION_SECRET_FILE: "),
                        ("ADMIN_TOKEN", "topsecret2", "ADMIN_TOKEN: it is weak"),
                    ]
                    for (setting, value, reason) in changes {
                        // A good value beside the bad one isn't taken either.
                        try deployment.files.write("SESSION_SECRET", Program.secret)
                        try deployment.files.write("ADMIN_TOKEN", Self.tokens[1])
                        try deployment.files.write(setting, value)
                        program.process.signal(SIGHUP)
                        try await program.wait(forLines: 1, with: reason)
                        #expect(program.errors.contains(Self.refused))
                        #expect(try await status(browser) == 200)
                        let list = Self.origin + "/api/admin/sessions"
                        #expect(try await browser.request(list, bearer: Self.tokens[0]).status == 200)
                        #expect(try await browser.request(list, bearer: Self.tokens[1]).status == 401)
                    }
                    #expect(!program.errors.contains(Self.taken) && !program.errors.contains("topsecret"))
                    _ = try await browser.signIn(at: Self.origin, as: "user-grace")
                }
                #expect(await program.terminate() == .code(0))
            }
        }
    }

    @Test(
        "RX-04 a token that comes or goes is refused: what has routes is decided at the start",
        arguments: [true, false]
    )
    func routes(comes: Bool) async throws {
        try await withDeployment { deployment in
            let file = deployment.files.directory.appending(path: "settings.json")
            let texts = ["{}", #"{"CRON_SECRET": "\#(String(Self.tokens[1].reversed()))"}"#]
            func write(_ index: Int) throws { try Data(texts[index].utf8).write(to: file, options: .atomic) }
            try write(comes ? 0 : 1)
            let arguments = ["serve", "--config", file.path]
            try await RunningProgram.withProgram(arguments, environment: deployment.environment) { program in
                let address = try await program.wait(for: #"serves \S+ on (127\.0\.0\.1:[0-9]+)"#)
                try await withBrowser(at: address) { browser in
                    try await browser.waitUntilReady("http://" + address)
                    try write(comes ? 1 : 0)
                    try deployment.files.write("ADMIN_TOKEN", Self.tokens[1])
                    program.process.signal(SIGHUP)
                    let reason = comes ? "CRON_SECRET: is set now" : "CRON_SECRET: isn't set any more"
                    try await program.wait(forLines: 1, with: reason)
                    #expect(program.errors.contains(Self.refused) && !program.errors.contains(Self.taken))
                    let list = Self.origin + "/api/admin/sessions"
                    #expect(try await browser.request(list, bearer: Self.tokens[0]).status == 200)
                    #expect(try await browser.request(list, bearer: Self.tokens[1]).status == 401)
                }
                #expect(await program.terminate() == .code(0))
            }
        }
    }

    @Test("RC-15 administrators' tokens and client secrets change from one request to the next")
    func tokensAndClientSecret() async throws {
        try await withDeployment { deployment in
            try deployment.files.write("OIDC_CLIENT_SECRET", "not-the-clients-secret")
            try await deployment.withReplica { program, address in
                try await withBrowser(at: address) { browser in
                    let list = Self.origin + "/api/admin/sessions"
                    #expect(try await browser.request(list, bearer: Self.tokens[0]).status == 200)
                    let callback = try await browser.callback(at: Self.origin, as: "user-ada")
                    #expect(try await browser.request(callback).status == 500)

                    try deployment.files.write("OIDC_CLIENT_SECRET", Providers.secret)
                    try deployment.files.write("ADMIN_TOKEN", Self.tokens[1])
                    program.process.signal(SIGHUP)
                    try await program.wait(forLines: 1, with: Self.taken)
                    #expect(program.errors.contains("ADMIN_TOKEN; OIDC_CLIENT_SECRET of default"))
                    #expect(try await browser.request(list, bearer: Self.tokens[0]).status == 401)
                    #expect(try await browser.request(list, bearer: Self.tokens[1]).status == 200)
                    _ = try await browser.signIn(at: Self.origin, as: "user-ada")
                    #expect(try await status(browser) == 200)
                }
                #expect(await program.terminate() == .code(0))
            }
        }
    }
}
