import Foundation
import Glibc
import PostgresPipeline
import PrivatePostgres
import ScriptedProvider
import Secrets
import TestSupport
import Testing

/// `serve` as processes that come and go, before a scripted provider, on a database with a faulty wire to it.
struct FaultDeployment {
    static let publicOrigin = "https://app.example"
    static let sessionCookie = "__Host-oidc_session"

    let provider: ScriptedProvider
    let proxy: FaultProxy
    let database: PostgresClient
    let environment: [String: String]

    static func run(_ body: (FaultDeployment) async throws -> Void) async throws {
        try await TestDatabase.shared.withDatabase { uri in
            try await FaultProxy.withProxy(to: uri) { proxy in
                try await withProvider(database: proxy.connectionString) { provider, environment in
                    try await PostgresClient.withClient(
                        configuration: PostgresConfiguration(connectionString: Secret(uri)),
                        logger: TestDatabase.silentLogger
                    ) { database in
                        let deployment = FaultDeployment(
                            provider: provider,
                            proxy: proxy,
                            database: database,
                            environment: environment
                        )
                        try await body(deployment)
                    }
                }
            }
        }
    }

    /// A provider, and the environment of a `serve` that uses it.
    static func withProvider(
        database: String,
        secret: String = "s3cret",
        _ body: (ScriptedProvider, [String: String]) async throws -> Void
    ) async throws {
        var client = ScriptedClient()
        client.secret = secret
        try await ScriptedListener.with { [client] in
            ScriptedProvider(issuer: $0, client: client)
        } _: { provider in
            var environment = Program.servingEnvironment(database: database)
            environment["OIDC_ISSUER"] = provider.issuer
            environment["OIDC_CLIENT_ID"] = client.id
            environment["OIDC_CLIENT_SECRET"] = client.secret
            environment["BASE_URL"] = publicOrigin
            // Its statements would be taken for those of a login.
            environment["CLEANUP_ON_STARTUP"] = "false"
            try await body(provider, environment)
        }
    }

    func serve(_ body: (FaultProcess) async throws -> Void) async throws {
        try await FaultProcess.run(environment, body)
    }

    /// The number of rows that the end of a query stands for.
    func count(_ rest: String) async throws -> Int64 {
        try #require(try await database.read(PostgresStatement("SELECT count(*) FROM \(rest)")).first).int8(0)
    }
}

/// One process of `serve`.
struct FaultProcess {
    let program: RunningProgram
    let origin: String

    static func run(_ environment: [String: String], _ body: (FaultProcess) async throws -> Void) async throws {
        try await RunningProgram.withProgram(["serve"], environment: environment) { program in
            let pattern = #"serves \#(FaultDeployment.publicOrigin) on (127\.0\.0\.1:[0-9]+)"#
            let origin = "http://" + (try await program.wait(for: pattern))
            try await Browser.withBrowser { try await $0.waitUntilReady(origin, within: .seconds(300)) }
            try await body(FaultProcess(program: program, origin: origin))
        }
    }

    /// Ends it as the kernel does when memory is short: it learns nothing of it.
    func kill() async {
        program.process.signal(SIGKILL)
        _ = await program.process.waitForExit()
    }

    /// Begins a login and visits the provider; the path and query that the browser is sent back to.
    func visit(_ browser: Browser) async throws -> String {
        let started = try await browser.request(origin + "/login")
        #expect(started.status == 303, "\(started.body)")
        let answer = try await browser.request(try #require(started.location))
        let callback = try #require(answer.location)
        return callback.replacing(FaultDeployment.publicOrigin, with: "")
    }

    /// The whole of a login; the answer to the callback.
    @discardableResult
    func signIn(_ browser: Browser) async throws -> Browser.Page {
        let callback = try await visit(browser)
        let answer = try await browser.request(origin + callback)
        #expect(answer.status == 303, "\(answer.body)")
        return answer
    }

    /// The status of `/session`: 200 for somebody, 401 for nobody.
    func session(_ browser: Browser) async throws -> Int {
        try await browser.request(origin + "/session", accept: "application/json").status
    }
}
