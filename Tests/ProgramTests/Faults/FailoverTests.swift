import Foundation
import PostgresPipeline
import PrivatePostgres
import ScriptedProvider
import Secrets
import TestSupport
import Testing

@Suite("Failover and poolers")
struct FailoverTests {
    private func withClient<R: Sendable>(_ uri: String, _ body: (PostgresClient) async throws -> R) async throws -> R {
        var configuration = PostgresConfiguration(connectionString: Secret(uri))
        configuration.requestTimeout = .seconds(300)
        return try await PostgresClient.withClient(
            configuration: configuration,
            logger: TestDatabase.silentLogger,
            body
        )
    }

    private func socket(of server: PrivatePostgres) throws -> String {
        let items = try #require(URLComponents(string: server.connectionString)?.queryItems)
        return try #require(items.first { $0.name == "host" }?.value)
    }

    @Test("RB-04 RB-05 after a failover it goes on without a restart: sessions live, and what had ended stays so")
    func failover() async throws {
        try await TestDatabase.withServer { try await failover(from: $0) }
    }

    private func failover(from primary: PrivatePostgres) async throws {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let migrated = try await Program.run(
            ["migrate", "up"],
            environment: ["DATABASE_URL": primary.connectionString]
        )
        #expect(migrated.exit == .code(0))
        let standby = try await HotStandby.start(following: primary, directory: directory)
        defer { standby.stopBlocking() }
        let hosts = "\(try socket(of: primary)),\(try socket(of: standby))"
        let uri = "postgresql://postgres@/postgres?host=\(hosts)&port=5432,5432&target_session_attrs=read-write"

        try await FaultDeployment.withProvider(database: uri) { provider, environment in
            try await FaultProcess.run(environment) { process in
                try await Browser.withBrowser { stays in
                    try await Browser.withBrowser { goes in
                        try await process.signIn(stays)
                        try await process.signIn(goes)
                        let cookies = goes.cookies(at: process.origin)
                        let left = try await goes.request(
                            process.origin + "/logout",
                            form: [:],
                            origin: FaultDeployment.publicOrigin
                        )
                        #expect(left.status == 303)
                        try await withClient(standby.connectionString) { follower in
                            try await withClient(primary.connectionString) { leader in
                                try await HotStandby.waitForReplay(of: leader, by: follower)
                            }
                            try await primary.stopImmediately()
                            // The standby answers reads, and nobody asks it.
                            let ready = try await stays.request(process.origin + "/health/ready")
                            #expect(ready.status == 503)
                            try await HotStandby.promote(follower)
                        }
                        try await stays.waitUntilReady(process.origin, within: .seconds(300))
                        #expect(try await process.session(stays) == 200)
                        for (name, value) in cookies { goes.set(name, value, at: process.origin) }
                        #expect(try await process.session(goes) == 401)
                        try await process.signIn(goes)
                        #expect(try await process.session(goes) == 200)
                    }
                }
                #expect(process.program.errors.contains("Postgres connection restored"))
                #expect(await process.program.terminate() == .code(0))
            }
        }
    }

    @Test(
        "RB-16 serve and the commands refuse a pooler that shares sessions, with exit code 2 and what to change",
        .enabled(if: PgBouncer.isInstalled, "apt-get install -y pgbouncer"),
        arguments: [["serve"], ["migrate", "up"], ["sessions", "list"]]
    )
    func pooler(arguments: [String]) async throws {
        try await TestDatabase.shared.withDatabase { direct in
            try await PgBouncer.withPooler(before: direct, mode: "transaction") { uri in
                let outcome = try await Program.run(
                    arguments,
                    environment: Program.servingEnvironment(database: uri),
                    within: .seconds(300)
                )
                #expect(outcome.exit == .code(2), "\(outcome.errors)")
                #expect(outcome.output == "")
                let line = try #require(outcome.errorLines.last)
                #expect(
                    line.hasPrefix("oidc-sessions: DATABASE_URL: ") && line.contains("pool_mode=session"),
                    "\(line)"
                )
            }
        }
    }

    @Test(
        "RB-16 serve works by way of a pooler that pools sessions",
        .enabled(if: PgBouncer.isInstalled, "apt-get install -y pgbouncer")
    )
    func sessionPooler() async throws {
        try await TestDatabase.shared.withDatabase { direct in
            try await PgBouncer.withPooler(before: direct, mode: "session") { uri in
                try await FaultDeployment.withProvider(database: uri) { _, environment in
                    var environment = environment
                    environment["CLEANUP_ON_STARTUP"] = "true"
                    try await FaultProcess.run(environment) { process in
                        try await Browser.withBrowser { browser in
                            try await process.signIn(browser)
                            #expect(try await process.session(browser) == 200)
                        }
                        #expect(await process.program.terminate() == .code(0))
                        #expect(!process.program.errors.contains("\"level\":\"error\""))
                    }
                }
            }
        }
    }
}
