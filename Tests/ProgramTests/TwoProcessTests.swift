import DevelopmentProvider
import Foundation
import Logging
import PostgresPipeline
import PrivatePostgres
import Secrets
import TestSupport
import Testing

/// Two processes of `serve` on one database, with a provider that takes everything back when a refresh token comes twice.
@Suite("Two processes on one database", .serialized)
struct TwoProcessTests {
    private struct Deployment: Sendable {
        /// Where the two listen.
        let origins: [String]
        /// Where both believe to be.
        let publicOrigin: String
        let database: PostgresClient
    }

    private func withDeployment(_ body: (Deployment) async throws -> Void) async throws {
        let publicOrigin = "http://localhost:8080"
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let provider = try DevelopmentProvider(
            configuration: DevelopmentProviderConfiguration(
                directory: directory.appending(path: "provider"),
                clients: [
                    DevelopmentClient(
                        id: "tests",
                        secret: Secret("secret-of-the-tests"),
                        name: "tests",
                        redirectURIs: [publicOrigin + "/callback"]
                    )
                ]
            ),
            logger: TestDatabase.silentLogger
        )
        let running = Task { try await provider.run() }
        defer { running.cancel() }
        let issuer = try await provider.issuer()
        try await TestDatabase.shared.withDatabase { uri in
            var environment = Program.servingEnvironment(database: uri)
            environment["OIDC_ISSUER"] = issuer
            environment["OIDC_CLIENT_SECRET"] = "secret-of-the-tests"
            environment["BASE_URL"] = publicOrigin
            try await withProcesses(environment) { first, second in
                let origins = [
                    "http://" + (try await first.wait(for: address)), "http://" + (try await second.wait(for: address)),
                ]
                try await Browser.withBrowser { browser in
                    for origin in origins { try await browser.waitUntilReady(origin) }
                }
                try await PostgresClient.withClient(
                    configuration: PostgresConfiguration(connectionString: Secret(uri)),
                    logger: TestDatabase.silentLogger
                ) { client in
                    try await body(Deployment(origins: origins, publicOrigin: publicOrigin, database: client))
                }
                for program in [first, second] {
                    #expect(await program.terminate() == .code(0))
                    #expect(!program.errors.contains("\"level\":\"error\""), "\(program.errors)")
                }
            }
        }
    }

    private let address = #"serves http://localhost:8080 on (127\.0\.0\.1:[0-9]+)"#

    private func withProcesses(
        _ environment: [String: String],
        _ body: (RunningProgram, RunningProgram) async throws -> Void
    ) async throws {
        try await RunningProgram.withProgram(["serve"], environment: environment) { first in
            try await RunningProgram.withProgram(["serve"], environment: environment) { second in
                try await body(first, second)
            }
        }
    }

    private static let passEnd = PostgresStatement(
        "UPDATE sessions SET token_expires_at = clock_timestamp(), refreshed_at = refreshed_at - interval '1 minute'",
        parameters: []
    )
    private static let rows = PostgresStatement(
        "SELECT id, refresh_fence, refresh_failures::int8, revoked_at IS NULL FROM sessions WHERE kind = 'session'",
        parameters: []
    )
    private static let counts = PostgresStatement(
        "SELECT count(*), count(*) FILTER (WHERE revoked_at IS NULL) FROM sessions WHERE kind = 'session'",
        parameters: []
    )

    @Test("promise 7, seed 002: a login and fifty refreshes, asked for at both at once, leave one row with the same id")
    func fiftyRefreshes() async throws {
        try await withDeployment { deployment in
            try await Browser.withBrowser { browser in
                let (first, second) = (deployment.origins[0], deployment.origins[1])
                let page = try await browser.signIn(at: first, as: "user-ada", publicOrigin: deployment.publicOrigin)
                #expect(page.status == 200)
                for (name, value) in browser.cookies(at: first) { browser.set(name, value, at: second) }
                let cookies = browser.cookies(at: first)
                let before = try #require(try await deployment.database.read(Self.rows).first).text(0)
                for round in 1...50 {
                    _ = try await deployment.database.write(Self.passEnd, [])
                    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                        for number in 0..<8 {
                            let origin = deployment.origins[number % 2]
                            group.addTask {
                                try await Browser.withBrowser { other in
                                    for (name, value) in cookies { other.set(name, value, at: origin) }
                                    let answer = try await other.request(
                                        origin + "/session/refresh",
                                        form: [:],
                                        accept: "application/json",
                                        origin: deployment.publicOrigin
                                    )
                                    return answer.status
                                }
                            }
                        }
                        return try await group.reduce(into: Set()) { $0.insert($1) }
                    }
                    try #require(statuses == [200])
                    let rows = try await deployment.database.read(Self.rows)
                    try #require(rows.rowCount == 1)
                    // One lease a round, and no failure: nobody else has been to the provider.
                    try #require(try rows[0].int8(1) == Int64(round))
                    try #require(try rows[0].int8(2) == 0)
                }
                let after = try #require(try await deployment.database.read(Self.rows).first)
                #expect(try after.text(0) == before)
                #expect(try after.bool(3))
                for origin in deployment.origins {
                    let session = try await browser.request(origin + "/session", accept: "application/json")
                    #expect(session.status == 200)
                    #expect(session.body.contains("\"subject\":\"user-ada\""))
                }
            }
        }
    }

    @Test("seed 003: eleven logins of one user, all at once at both, leave ten active")
    func elevenLogins() async throws {
        try await withDeployment { deployment in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<11 {
                    let origin = deployment.origins[number % 2]
                    group.addTask {
                        try await Browser.withBrowser { browser in
                            let page = try await browser.signIn(
                                at: origin,
                                as: "user-grace",
                                publicOrigin: deployment.publicOrigin
                            )
                            #expect(page.status == 200)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let counts = try #require(try await deployment.database.read(Self.counts).first)
            #expect(try counts.int8(0) == 11)
            #expect(try counts.int8(1) == 10)
        }
    }
}
