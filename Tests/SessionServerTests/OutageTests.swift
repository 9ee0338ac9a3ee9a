import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import LoginFlow
import Migrations
import PostgresPipeline
import PrivatePostgres
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import TestSupport
import Testing

@Suite("Database outage")
struct OutageTests {
    /// A server that this test may stop.
    private func withOwnServer(
        _ configure: (inout Site.Options) -> Void = { _ in },
        _ body: @Sendable (PrivatePostgres, Site, any TestClientProtocol) async throws -> Void
    ) async throws {
        let directory = TestDatabase.scratchDirectory()
        var options = PrivatePostgres.Options()
        options.durable = false
        let server = try await PrivatePostgres.start(directory: directory, options: options)
        let result: Result<Void, any Error>
        do {
            var configuration = PostgresConfiguration(connectionString: Secret(server.connectionString))
            configuration.requestTimeout = .milliseconds(300)
            configuration.connectTimeout = .seconds(1)
            try await PostgresClient.withClient(
                configuration: configuration,
                logger: TestDatabase.silentLogger
            ) { client in
                let migrator = Migrator(
                    client: client,
                    source: try MigrationSource.embedded(),
                    logger: TestDatabase.silentLogger
                )
                _ = try await migrator.up()
                var settings = Site.Options()
                // A server takes its time to start on a busy machine.
                settings.pacing.waitLimit = .seconds(120)
                settings.pacing.writeLimit = .seconds(120)
                configure(&settings)
                let site = try Site(store: try Site.store(client), settings)
                try await site.application.application.test(.router) { try await body(server, site, $0) }
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try? await server.stopImmediately()
        try? FileManager.default.removeItem(at: directory)
        try result.get()
    }

    @Test("SS-20 PS-19 without the database nobody is let in or signed out, and nothing is lost when it comes back")
    func outage() async throws {
        try await withOwnServer { server, site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let pending = Browser(client)
            let answer = try await pending.visitProvider(site.provider, as: .mallory)
            let (session, login) = (browser.cookies, pending.cookies)
            #expect(try await browser.get("/health/ready").status == .ok)

            try await server.stop()
            for path in ["/session", "/", "/logout", "/logged-out"] {
                for accept in ["text/html", "application/json"] {
                    let response = try await browser.get(path, [.accept: accept])
                    #expect(response.status == .serviceUnavailable)
                    #expect(response.headers[.retryAfter] == "5")
                    #expect(response.headers[.cacheControl] == "no-store")
                    #expect(!response.text.contains("not signed in") && !response.text.contains("alice"))
                }
            }
            #expect(try await browser.get("/login").status == .serviceUnavailable)
            #expect(try await browser.post("/logout").status == .serviceUnavailable)
            #expect(try await pending.get("/callback?" + answer.query).status == .serviceUnavailable)
            #expect(try await browser.get("/health/ready").status == .serviceUnavailable)
            #expect(try await browser.get("/health/live").status == .ok)
            #expect(browser.cookies == session)
            #expect(pending.cookies == login)
            #expect(site.provider.requests(to: .token).count == 1)

            let again = try await server.restart()
            // Each question waits for a connection as long as a request does.
            for _ in 0..<100 where try await browser.get("/health/ready").status != .ok {}
            #expect(try await browser.whoAmI() == "alice-1")
            #expect(try await pending.get("/callback?" + answer.query).status == .seeOther)
            #expect(try await pending.whoAmI() == "mallory-1")
            try await again.stopImmediately()
        }
    }

    @Test("RC-04 tokens that come while the database is away are kept until it is back")
    func refreshMeanwhile() async throws {
        let refused = Gate()
        try await withOwnServer { options in
            options.logger = Logger(label: "test") { _ in
                Listener(word: "can't be stored yet", gate: refused)
            }
        } _: { server, site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let id = try #require(browser.cookies[Site.sessionCookie].flatMap { SessionID($0) })
            let before = try #require(try await site.manager.getSession(id)?.accessToken)
            let gate = site.provider.hold(.token)
            let refreshing = Task { try await site.flow.refresh(id) }
            let end = Task {
                _ = await refreshing.result
                refused.open()
            }
            try await gate.arrived()
            try await server.stop()
            gate.open()
            // The refresh token is spent now, and what came for it is nowhere but in this process.
            await refused.pass()
            let again = try await server.restart()
            await end.value
            let token = try #require(try await refreshing.value?.accessToken)
            #expect(token.reveal() != before.reveal())
            // Reads have another connection, which may come back later.
            for _ in 0..<100 where try await browser.get("/health/ready").status != .ok {}
            #expect(try await site.manager.getSession(id)?.accessToken?.reveal() == token.reveal())
            try await again.stopImmediately()
        }
    }

    /// Opens a gate when it hears a word.
    private struct Listener: LogHandler {
        let word: String
        let gate: Gate
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .warning

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            if event.message.description.contains(word) { gate.open() }
        }
    }
}
