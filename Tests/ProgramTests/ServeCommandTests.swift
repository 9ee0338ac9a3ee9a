import Foundation
import Glibc
import Patience
import PostgresPipeline
import PrivatePostgres
import Secrets
import TestSupport
import Testing

@Suite("oidc-sessions serve")
struct ServeCommandTests {
    private let address = #"serves http://localhost:8080 on (127\.0\.0\.1:[0-9]+)"#

    @Test("Malformed settings stop the start with exit code 2: all of them are listed, and no secret is")
    func malformedSettings() async throws {
        let outcome = try await Program.run(
            ["serve"],
            environment: [
                "DATABASE_URL": "postgresql://someone:topsecret1@/none", "SESSION_SECRET": "topsecret2",
                "BASE_URL": "http://app.example.com", "OIDC_ISUER": "https://login.example.com", "PORT": "http",
                "OIDC_CLIENT_SECRET": "topsecret3", "CLEANUP_ON_STARTUP": "maybe",
            ]
        )
        #expect(outcome.exit == .code(2))
        #expect(outcome.output == "")
        let wrong = [
            "SESSION_SECRET", "BASE_URL", "OIDC_ISUER", "OIDC_ISSUER", "OIDC_CLIENT_ID", "PORT", "CLEANUP_ON_STARTUP",
        ]
        for name in wrong {
            #expect(outcome.errorLines.contains { $0.hasPrefix("oidc-sessions: \(name): ") }, "\(name)")
        }
        #expect(!outcome.errors.contains("topsecret"))
    }

    @Test("RB-20 A pending migration stops the start, and the message has the command to run")
    func pendingMigration() async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let outcome = try await Program.run(["serve"], environment: Program.servingEnvironment(database: uri))
            #expect(outcome.exit == .code(1))
            #expect(outcome.errors.contains("oidc-sessions migrate up"))
            // It never said that it serves.
            #expect(outcome.output == "")
        }
    }

    @Test("With --migrate it applies them, serves, and ends with 0 when told to", arguments: [SIGTERM, SIGINT])
    func migratesAndServes(signal: Int32) async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let environment = Program.servingEnvironment(database: uri)
            try await RunningProgram.withProgram(["serve", "--migrate"], environment: environment) { program in
                let origin = "http://" + (try await program.wait(for: address))
                try await Browser.withBrowser { browser async throws in
                    #expect(try await browser.request(origin + "/health/live").status == 200)
                    // It answers before it is ready when the migrations take long.
                    try await browser.waitUntilReady(origin)
                    #expect(try await browser.request(origin + "/session", accept: "application/json").status == 401)
                }
                #expect(await program.terminate(with: signal) == .code(0))
                #expect(program.errors.contains("Session management started"))
                #expect(program.errors.contains("Session management shut down gracefully"))
                #expect(!program.errors.contains("\"level\":\"error\""), "\(program.errors)")
                #expect(!program.errors.contains(Program.secret))
            }
        }
    }

    @Test("AD-01 the admin and cron endpoints open for their own tokens only, and without tokens there are none")
    func bearerTokens() async throws {
        let admin = "3xYl0mQd9v2Tz8JwUe7RbKq1HnGs5CfA"
        let cron = "b7d1c0e94f5a48d6a2639e8810f7c3b5"
        let statistics = "/api/admin/sessions/stats"
        let cleanup = "/api/cron/cleanup-sessions"
        try await TestDatabase.shared.withDatabase { uri in
            var environment = Program.servingEnvironment(database: uri)
            try await RunningProgram.withProgram(["serve"], environment: environment) { program in
                let origin = "http://" + (try await program.wait(for: address))
                try await Browser.withBrowser { browser async throws in
                    for (path, token) in [(statistics, admin), (cleanup, cron)] {
                        #expect(try await browser.request(origin + path, bearer: token).status == 404)
                    }
                }
            }
            environment["ADMIN_TOKEN"] = "\(String(admin.reversed())),\(admin)"
            environment["CRON_SECRET"] = cron
            try await RunningProgram.withProgram(["serve"], environment: environment) { program in
                let origin = "http://" + (try await program.wait(for: address))
                try await Browser.withBrowser { browser async throws in
                    for (path, token, other) in [(statistics, admin, cron), (cleanup, cron, admin)] {
                        #expect(try await browser.request(origin + path, bearer: token).status == 200)
                        #expect(try await browser.request(origin + path, bearer: other).status == 401)
                        #expect(try await browser.request(origin + path, bearer: token + "x").status == 401)
                        #expect(try await browser.request(origin + path).status == 401)
                    }
                }
                #expect(await program.terminate() == .code(0))
                for token in [admin, cron] { #expect(!program.errors.contains(token)) }
            }
        }
    }

    @Test("A port that is taken ends it with a line that names the setting")
    func portTaken() async throws {
        try await TestDatabase.shared.withDatabase { uri in
            let environment = Program.servingEnvironment(database: uri)
            try await RunningProgram.withProgram(["serve"], environment: environment) { first in
                let port = try #require(try await first.wait(for: address).split(separator: ":").last)
                let outcome = try await Program.run(["serve", "--set", "PORT=\(port)"], environment: environment)
                #expect(outcome.exit == .code(1))
                let last = try #require(outcome.errorLines.last)
                #expect(last.hasPrefix("oidc-sessions: PORT: cannot listen on 127.0.0.1:\(port): another program"))
            }
        }
    }

    @Test(
        "A host that is none, or another machine's, ends it with a line that names the setting",
        arguments: [
            ("HOST", "nowhere.invalid", "there is no such host"),
            ("ADMIN_HOST", "192.0.2.1", "no address of this machine"),
        ]
    )
    func wrongHost(setting: String, host: String, reason: String) async throws {
        try await TestDatabase.shared.withDatabase { uri in
            let environment = Program.servingEnvironment(database: uri).merging([setting: host]) { $1 }
            let outcome = try await Program.run(["serve"], environment: environment)
            #expect(outcome.exit == .code(1))
            let last = try #require(outcome.errorLines.last)
            #expect(last.hasPrefix("oidc-sessions: \(setting): cannot listen on \(host): "), "\(last)")
            #expect(last.contains(reason), "\(last)")
        }
    }

    @Test("SIGTERM is heard while a database that accepts connections and says nothing is waited for")
    func silentDatabase() async throws {
        let silent = try SilentListener()
        let environment = Program.servingEnvironment(database: "postgresql://x@127.0.0.1:\(silent.port)/none")
            .merging(["DATABASE_POOL_SIZE": "3"]) { $1 }
        try await RunningProgram.withProgram(["serve"], environment: environment) { program in
            // The pools' and the one by which the schema is looked at.
            try await eventually("it has made four connections") {
                try #require(program.process.exit == nil, "\(program.errors)")
                return silent.accept() >= 4
            }
            let start = ContinuousClock.now
            #expect(await program.terminate() == .code(0))
            // Its patience with such a host is ten seconds.
            #expect(ContinuousClock.now - start < .seconds(7))
        }
    }

    @Test("RX-01 a database that is down is waited for: not ready, then ready, without a restart")
    func waitsForDatabase() async throws {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        var options = PrivatePostgres.Options()
        options.durable = false
        let first = try await PrivatePostgres.start(directory: directory, options: options)
        let environment = Program.servingEnvironment(database: first.connectionString)
        #expect(try await Program.run(["migrate", "up"], environment: environment).exit == .code(0))
        try await first.stop()
        try await RunningProgram.withProgram(["serve"], environment: environment) { program in
            let origin = "http://" + (try await program.wait(for: address))
            try await Browser.withBrowser { browser in
                #expect(try await browser.request(origin + "/health/live").status == 200)
                #expect(try await browser.request(origin + "/health/ready").status == 503)
                let second = try await PrivatePostgres.start(directory: directory, options: options)
                try await browser.waitUntilReady(origin)
                // And an outage of a running one.
                try await second.stop()
                #expect(try await browser.request(origin + "/health/ready").status == 503)
                #expect(try await browser.request(origin + "/health/live").status == 200)
            }
            #expect(await program.terminate() == .code(0))
        }
    }

    @Test("A database that comes back with a pending migration ends it")
    func pendingAfterOutage() async throws {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        var options = PrivatePostgres.Options()
        options.durable = false
        let first = try await PrivatePostgres.start(directory: directory, options: options)
        try await first.stop()
        let environment = Program.servingEnvironment(database: first.connectionString)
        try await RunningProgram.withProgram(["serve"], environment: environment) { program in
            _ = try await program.wait(for: address)
            let second = try await PrivatePostgres.start(directory: directory, options: options)
            #expect(await program.process.waitForExit(within: .seconds(60)) == .code(1))
            #expect(program.errors.contains("oidc-sessions migrate up"))
            try await second.stop()
        }
    }

    @Test("SIGTERM lets the requests under way finish, and takes no new ones")
    func drains() async throws {
        try await TestDatabase.shared.withDatabase { uri in
            var environment = Program.servingEnvironment(database: uri)
            // The cleaner would wait for the table as well, and be taken for the request.
            environment["CLEANUP_ON_STARTUP"] = "false"
            try await RunningProgram.withProgram(["serve"], environment: environment) { program in
                let origin = "http://" + (try await program.wait(for: address))
                let port = try #require(UInt16(origin.split(separator: ":").last ?? ""))
                #expect(Loopback.accepts(port: port))
                try await withClient(uri) { client in
                    try await client.withDedicatedConnection { holder in
                        try await holder.execute(script: "BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")
                        async let answer = Browser.withBrowser { browser in
                            browser.set("oidc_session", String(repeating: "A", count: 43), at: origin)
                            return try await browser.request(origin + "/session", accept: "application/json").status
                        }
                        // The request is under way when its statement waits for the table.
                        try await eventually("a request waits for the lock") {
                            try await client.read(Self.waiting).first?.int8(0) ?? 0 > 0
                        }
                        program.process.signal(SIGTERM)
                        try await eventually("it accepts no more connections") { !Loopback.accepts(port: port) }
                        #expect(program.process.exit == nil)
                        try await holder.execute(script: "COMMIT")
                        let status = try await answer
                        #expect(status == 401)
                    }
                }
                #expect(await program.process.waitForExit(within: .seconds(60)) == .code(0))
            }
        }
    }

    private static let waiting = PostgresStatement(
        """
        SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
        WHERE NOT l.granted AND a.datname = current_database() AND a.query LIKE '%sessions%'
        """,
        parameters: []
    )

    private func withClient(_ uri: String, _ body: (PostgresClient) async throws -> Void) async throws {
        try await PostgresClient.withClient(
            configuration: PostgresConfiguration(connectionString: Secret(uri)),
            logger: TestDatabase.silentLogger,
            body
        )
    }
}
