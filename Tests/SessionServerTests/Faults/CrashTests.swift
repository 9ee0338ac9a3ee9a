import Foundation
import Glibc
import HTTPTypes
import HummingbirdTesting
import LoginFlow
import Patience
import PostgresPipeline
import PrivatePostgres
import ScriptedProvider
import Secrets
import SessionServer
import TestSupport
import Testing

/// Postgres ends as in a power cut, while it is at a statement, and comes back.
@Suite("Crashes of Postgres")
struct CrashTests {
    /// A site on a server of its own, over two clients: the site's, and one that looks past it.
    private struct Place: Sendable {
        let site: Site
        let http: any TestClientProtocol
        let database: PostgresClient

        /// Waits until the database answers the site, and the test.
        func waitUntilReady() async throws {
            // A login is written: reads and writes have connections of their own, which come back one by one.
            for path in ["/health/ready", "/login"] {
                try await eventually("the database answers \(path)") {
                    try await Browser(http).get(path).status != .serviceUnavailable
                }
            }
            _ = try await database.count("sessions")
        }

        /// Has everything that was committed so far on the disk, by a commit that has something to write and waits.
        func flush() async throws {
            _ = try await database.write(
                PostgresStatement("SELECT pg_logical_emit_message(true, 'tests', 'behind it')::text")
            )
        }
    }

    /// - Parameter patience: how long a request waits for the database.
    private func withPlace(
        patience: Duration,
        settings: [String: String] = [:],
        _ body: @Sendable (PrivatePostgres, Place) async throws -> Void
    ) async throws {
        try await TestDatabase.withServer {
            $0.settings.merge(settings) { $1 }
        } _: { server in
            try await TestDatabase.migrate(server.connectionString)
            var configuration = PostgresConfiguration(connectionString: Secret(server.connectionString))
            configuration.requestTimeout = .seconds(300)
            let logger = TestDatabase.silentLogger
            try await PostgresClient.withClient(configuration: configuration, logger: logger) { database in
                configuration.requestTimeout = patience
                try await PostgresClient.withClient(configuration: configuration, logger: logger) { client in
                    let site = try Site(store: try Site.store(client), Site.Options())
                    try await site.application.application.test(.router) {
                        try await body(server, Place(site: site, http: $0, database: database))
                    }
                }
            }
        }
    }

    @Test("RB-01 RC-12 Postgres ends at once in the middle of each statement of a login: 503, and nothing is lost")
    func middleOfStatement() async throws {
        try await withPlace(patience: .milliseconds(500)) { first, place in
            var server = first
            let provider = place.site.provider
            let signedIn = Browser(place.http)
            try await place.waitUntilReady()
            try await signedIn.signIn(provider, as: .mallory)
            for step in [LoginStatement.begin, .claim, .create, .read, .end] {
                let browser = Browser(place.http)
                let answer = step == .begin ? nil : try await browser.visitProvider(provider)
                if step == .read || step == .end { _ = try await browser.get("/callback?" + (answer?.query ?? "")) }
                // A login that was begun within the last second may be lost in a crash, which costs a click: it is not
                // waited for until it is on the disk.
                try await place.flush()
                let cookies = browser.cookies
                let exchanges = provider.requests(to: .token).count
                let gate = step == .create ? provider.hold(.token) : nil

                let visit: @Sendable () async throws -> TestResponse = {
                    switch step {
                    case .begin: try await browser.get("/login")
                    case .claim, .create: try await browser.get("/callback?" + (answer?.query ?? ""))
                    case .read: try await browser.get("/session")
                    case .end: try await browser.post("/logout")
                    }
                }
                // The one that stores the session has other statements before it.
                var request = gate == nil ? nil : Task { try await visit() }
                try await gate?.arrived()
                // Nor is the taking of one: the next test is about that.
                if gate != nil { try await place.flush() }
                let stopped = server
                try await place.database.withDedicatedConnection { holder in
                    // Whoever comes to the table from now on stands still there.
                    try await holder.execute(script: "BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")
                    gate?.open()
                    if request == nil { request = Task { try await visit() } }
                    try await place.database.wait(
                        for: 1,
                        "pg_locks WHERE NOT granted AND relation = 'sessions'::regclass"
                    )
                    try await stopped.stopImmediately()
                }
                let response = try await #require(request).value
                response.expectUnavailable("\(step)")

                server = try await PrivatePostgres.start(directory: server.directory, options: server.options)
                try await place.waitUntilReady()
                #expect(try await signedIn.whoAmI() == "mallory-1", "\(step)")
                switch step {
                case .begin:
                    #expect(browser.cookies.isEmpty)
                case .claim:
                    // It was not taken, and still can be.
                    #expect(try await browser.get("/callback?" + (answer?.query ?? "")).status == .seeOther)
                    #expect(provider.requests(to: .token).count == exchanges + 1)
                case .create:
                    // The code is spent, and no session came of it.
                    #expect(provider.requests(to: .token).count == exchanges + 1)
                    #expect(try await browser.whoAmI() == nil)
                    #expect(try await browser.get("/callback?" + (answer?.query ?? "")).status == .badRequest)
                    #expect(provider.requests(to: .token).count == exchanges + 1)
                case .read:
                    #expect(try await browser.whoAmI() == "alice-1")
                case .end:
                    // It was said to be not done, and it isn't.
                    browser.cookies = cookies
                    #expect(try await browser.whoAmI() == "alice-1")
                    #expect(try await browser.post("/logout").status == .seeOther)
                    #expect(try await Browser(place.http, cookies: cookies).whoAmI() == nil)
                }
                let again = Browser(place.http)
                try await again.signIn(provider)
                #expect(try await again.whoAmI() == "alice-1", "\(step)")
            }
            server.stopBlocking()
        }
    }

    @Test("RB-01 RC-12 a login that a crash gives back after it was taken lets nobody in, and costs a sign-in")
    func claimGivenBack() async throws {
        // Nothing but commits that wait writes the log out.
        let settings = ["autovacuum": "off", "wal_level": "minimal", "max_wal_senders": "0"]
        try await withPlace(patience: .milliseconds(500), settings: settings) { first, place in
            let provider = place.site.provider
            let browser = Browser(place.http)
            try await place.waitUntilReady()
            let answer = try await browser.visitProvider(provider)
            let pending = try await place.database.count("sessions WHERE kind = 'login'")
            // The browser of somebody whose proxy gives up first: it never gets the answer that takes its cookie back.
            let deaf = Browser(place.http, cookies: browser.cookies)
            try await place.flush()
            let writer = try #require(
                try await place.database.read(
                    PostgresStatement("SELECT pid::text FROM pg_stat_activity WHERE backend_type = 'walwriter'")
                ).first.flatMap { pid_t(try $0.text(0)) }
            )
            #expect(kill(writer, SIGSTOP) == 0)
            let exchanges = provider.requests(to: .token).count
            let gate = provider.hold(.token)
            let request = Task { try await browser.get("/callback?" + answer.query) }
            do {
                try await gate.arrived()
                // For everybody it was taken.
                #expect(try await place.database.count("sessions WHERE kind = 'login'") == pending - 1)
            } catch {
                kill(writer, SIGCONT)
                throw error
            }
            // The server takes the end of a process for a crash; it is ended at once all the same.
            #expect(kill(writer, SIGKILL) == 0)
            try await first.stopImmediately()
            gate.open()
            try await request.value.expectUnavailable("the session can't be stored")

            let server = try await PrivatePostgres.start(directory: first.directory, options: first.options)
            #expect(try await place.database.count("sessions WHERE kind = 'login'") == pending)
            try await place.waitUntilReady()
            #expect(try await browser.whoAmI() == nil)
            #expect(try await browser.get("/callback?" + answer.query).status == .badRequest)
            #expect(provider.requests(to: .token).count == exchanges + 1)
            // It goes as far as the provider, which takes a code once.
            let again = try await deaf.get("/callback?" + answer.query)
            #expect(again.status == .badGateway || again.status == .badRequest, "\(again.status)")
            #expect(provider.requests(to: .token).count == exchanges + 2)
            #expect(try await deaf.whoAmI() == nil)
            #expect(try await place.database.count("sessions WHERE kind = 'session'") == 0)
            try await browser.signIn(provider)
            #expect(try await browser.whoAmI() == "alice-1")
            server.stopBlocking()
        }
    }

    @Test("RB-01 requests that come while Postgres restarts are answered when it is back within their patience")
    func restart() async throws {
        try await withPlace(patience: .seconds(300)) { first, place in
            let browser = Browser(place.http)
            try await browser.signIn(place.site.provider)
            try await first.stop()
            let requests = (0..<50).map { _ in Task { try await browser.whoAmI() } }
            let server = try await PrivatePostgres.start(directory: first.directory, options: first.options)
            for request in requests { #expect(try await request.value == "alice-1") }
            server.stopBlocking()
        }
    }
}
