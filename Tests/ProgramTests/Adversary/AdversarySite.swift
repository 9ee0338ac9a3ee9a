import PostgresPipeline
import PrivatePostgres
import ScriptedProvider
import Secrets
import TestSupport
import Testing

/// `serve` as a process of its own, on a database of its own, before a scripted provider on a port: HTTP all the way.
struct AdversarySite {
    /// Where it believes to be: behind a proxy that ends TLS.
    static let publicOrigin = "https://app.example"
    static let sessionCookie = "__Host-oidc_session"

    let provider: ScriptedProvider
    let program: RunningProgram
    /// Where the program really listens.
    let origin: String
    let database: PostgresClient

    static func run(
        _ settings: [String: String] = [:],
        client: ScriptedClient = ScriptedClient(),
        keys: [ScriptedKey] = [ScriptedKey()],
        _ body: (AdversarySite, Browser) async throws -> Void
    ) async throws {
        try await ScriptedListener.with { issuer in
            ScriptedProvider(issuer: issuer, client: client, keys: keys)
        } _: { provider in
            try await TestDatabase.shared.withDatabase { uri in
                var environment = Program.servingEnvironment(database: uri)
                environment["OIDC_ISSUER"] = provider.issuer
                environment["OIDC_CLIENT_ID"] = client.id
                environment["OIDC_CLIENT_SECRET"] = client.secret
                environment["BASE_URL"] = publicOrigin
                environment.merge(settings) { $1 }
                try await serve(provider, uri, environment, body)
            }
        }
    }

    private static func serve(
        _ provider: ScriptedProvider,
        _ uri: String,
        _ environment: [String: String],
        _ body: (AdversarySite, Browser) async throws -> Void
    ) async throws {
        try await RunningProgram.withProgram(["serve"], environment: environment) { program in
            let address = try await program.wait(for: #"serves \#(publicOrigin) on (127\.0\.0\.1:[0-9]+)"#)
            try await PostgresClient.withClient(
                configuration: PostgresConfiguration(connectionString: Secret(uri)),
                logger: TestDatabase.silentLogger
            ) { database in
                let origin = "http://" + address
                let site = AdversarySite(provider: provider, program: program, origin: origin, database: database)
                try await Browser.withBrowser { browser in
                    try await browser.waitUntilReady(origin)
                    try await body(site, browser)
                }
            }
            #expect(await program.terminate() == .code(0))
        }
    }

    /// Signs in as far as it goes: the answer to `/login` when that is no redirect, else that to the callback.
    func signIn(_ browser: Browser, _ path: String = "/login") async throws -> Browser.Page {
        let started = try await browser.request(origin + path)
        guard started.status == 303, let location = started.location else { return started }
        let visit = try await browser.request(location)
        guard visit.status == 303, let callback = visit.location else { return visit }
        return try await browser.request(local(callback))
    }

    /// Where a public address really is.
    func local(_ url: String) -> String { url.replacing(Self.publicOrigin, with: origin) }

    /// How many sessions the table has.
    func sessions() async throws -> Int64 {
        try await count(PostgresStatement("SELECT count(*) FROM sessions WHERE kind = 'session'"))
    }

    /// How many logins it has that were begun and not answered.
    func startedLogins() async throws -> Int64 {
        try await count(PostgresStatement("SELECT count(*) FROM sessions WHERE kind = 'login'"))
    }

    private func count(_ query: PostgresStatement) async throws -> Int64 {
        try #require(try await database.read(query).first).int8(0)
    }
}
