import HTTPTypes
import Hummingbird
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import PostgresPipeline
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import TestSupport
import Testing

@Suite("Several providers at one site")
struct ProviderChoiceTests {
    private static let other = "https://other.example"

    /// A provider that takes requests and never answers.
    private struct Hung: HTTPTransport {
        func send(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse {
            try await Task.sleep(for: .seconds(3600))
            throw HTTPTransportError(.timedOut)
        }
    }

    @Test("Without a default, people choose: nobody is sent anywhere, and nothing is remembered before")
    func choice() async throws {
        try await Site.run { options in
            options.providers.append(ScriptedProvider(issuer: Self.other))
            options.hasDefaultProvider = false
        } _: { site, client in
            let browser = Browser(client)
            let page = try await browser.get("/login?return_to=/inbox%3Fa%3D1")
            #expect(page.status == .ok && page.headers[.setCookie] == nil)
            for name in ["main", "other1"] {
                let link = "/login?return_to=/inbox%3Fa%3D1&amp;provider=\(name)"
                #expect(page.text.contains(link), "\(page.text)")
            }
            let list = try await browser.get("/login?return_to=//evil.example", [.accept: "application/json"])
            #expect(list.status == .ok)
            let choices = JSONReader.read(Array(buffer: list.body))?.objectValue?["providers"]?.arrayValue ?? []
            #expect(choices.map { $0.objectValue?["name"] } == ["main", "other1"])
            #expect(choices.map { $0.objectValue?["login"] } == ["/login?provider=main", "/login?provider=other1"])
            #expect(try await site.manager.getSessionStats().pendingLogins == 0)
            // The page of an error that has no login of its own leads here as well.
            let lost = try await browser.get("/callback?state=none&code=none")
            #expect(lost.status == .badRequest && lost.text.contains("href=\"/login\""))
            try await browser.signIn(site.provider, login: "/login?provider=main")
            #expect(try await browser.whoAmI() != nil)
        }
    }

    @Test("CB-21 an answer at another provider's redirect URI is refused before any request, and can't come again")
    func wrongRedirectURI() async throws {
        let other = ScriptedProvider(issuer: Self.other)
        try await Site.run { options in
            options.providers.append(other)
        } _: { site, client in
            let browser = Browser(client)
            for (provider, login, wrong) in [
                (site.provider, "/login", "/callback/other1"), (other, "/login?provider=other1", "/callback"),
                (other, "/login?provider=other1", "/callback/main"), (site.provider, "/login", "/callback/main"),
                (other, "/login?provider=other1", "/callback/Other1"),
            ] {
                let answer = try await browser.visitProvider(provider, login: login)
                let response = try await browser.get(wrong + "?" + answer.query, [.accept: "application/json"])
                #expect(response.status == .badRequest && response.json["error"] == "issuer_mismatch", "\(wrong)")
                #expect(provider.requests(to: .token).isEmpty)
                let again = try await browser.get(answer.path + "?" + answer.query, [.accept: "application/json"])
                #expect(again.json["error"] == "login_not_found")
            }
            #expect(site.provider.requests(to: .token).isEmpty && other.requests(to: .token).isEmpty)
        }
    }

    /// A site before and after the name of its only provider went to another issuer.
    private struct ReplacedProvider {
        let database: PostgresClient
        let before: ScriptedProvider
        let now: ScriptedProvider
        /// At the site of before.
        let browser: Browser
        /// At the site of now, and its flow.
        let client: any TestClientProtocol
        let flow: LoginFlow
    }

    private func withReplacedProvider(
        _ body: @escaping @Sendable (ReplacedProvider) async throws -> Void
    ) async throws {
        try await TestDatabase.shared.withClient { database in
            let store = try Site.store(database)
            var options = Site.Options()
            let (before, now) = (options.providers[0], ScriptedProvider(issuer: Self.other))
            let first = try Site(store: store, options)
            options.providers = [now]
            let second = try Site(store: store, options)
            try await first.application.application.test(.router) { left in
                try await second.application.application.test(.router) { right in
                    let both = ReplacedProvider(
                        database: database,
                        before: before,
                        now: now,
                        browser: Browser(left),
                        client: right,
                        flow: second.flow
                    )
                    try await body(both)
                }
            }
        }
    }

    @Test("CB-13 a login whose provider stands for another issuer by now is refused, and neither hears of its code")
    func otherIssuer() async throws {
        try await withReplacedProvider { both in
            let answer = try await both.browser.visitProvider(both.before)
            let later = Browser(both.client, cookies: both.browser.cookies, accept: "application/json")
            let response = try await later.get(answer.path + "?" + answer.query)
            #expect(response.status == .badRequest && response.json["error"] == "login_not_found")
            #expect(both.now.requests.isEmpty && both.before.requests(to: .token).isEmpty)
        }
    }

    @Test("CB-13 a session whose provider stands for another issuer by now: that one sees none of its tokens")
    func sessionOfOtherIssuer() async throws {
        try await withReplacedProvider { both in
            try await both.browser.signIn(both.before)
            let later = Browser(both.client, cookies: both.browser.cookies)
            let past = PostgresStatement("UPDATE sessions SET token_expires_at = now() - interval '1 minute'")
            _ = try await both.database.write(past)
            #expect(try await later.post("/session/refresh").status == .ok)
            let response = try await later.post("/logout")
            #expect(response.status == .seeOther && response.location == "/logged-out")
            await both.flow.refresher.finishRevocations()
            #expect(both.now.requests.isEmpty)
        }
    }

    @Test("CB-13 a login that began before the list of providers changed ends after it, whatever the order is now")
    func otherOrder() async throws {
        var registered = ScriptedClient()
        registered.redirectURIs = ["", "/one", "/two"].map { "https://app.example/callback" + $0 }
        let providers = [
            "one": ScriptedProvider(client: registered),
            "two": ScriptedProvider(issuer: Self.other, client: registered),
        ]
        let memory = InMemorySessionStore()
        func site(_ names: [String]) throws -> Site {
            var options = Site.Options()
            options.names = names
            options.providers = names.compactMap { providers[$0] }
            return try Site(store: memory, options)
        }
        let before = try site(["one", "two"])
        for names in [["two", "one"], ["one"], ["two"]] {
            let after = try site(names)
            for name in names {
                let provider = try #require(providers[name])
                try await before.application.application.test(.router) { old in
                    try await after.application.application.test(.router) { new in
                        let browser = Browser(old)
                        let answer = try await browser.visitProvider(provider, login: "/login?provider=\(name)")
                        #expect(answer.path == (name == "one" ? "/callback" : "/callback/two"))
                        let other = Browser(new, cookies: browser.cookies)
                        let response = try await other.get(answer.path + "?" + answer.query)
                        #expect(response.status == .seeOther, "\(name) at \(names)")
                        #expect(try await other.whoAmI() == "alice-1")
                    }
                }
            }
        }
    }

    @Test("CB-13 providers that share a redirect URI are refused at the start, as is one of another name")
    func sharedRedirectURI() async throws {
        for uri in ["https://app.example/callback", "https://app.example/callback/main", "https://app.example/x"] {
            let error = await #expect(throws: LoginError.self) {
                try await Site.inMemory { options in
                    options.providers.append(ScriptedProvider(issuer: Self.other))
                    options.redirectURI = { $0.hasSuffix("other1") ? uri : $0 }
                } _: { _, _ in
                }
            }
            #expect(error?.code == .misconfigured && error?.message.contains("other1") == true)
        }
    }

    @Test("CB-13 two providers of one name are refused at the start")
    func sharedName() throws {
        let provider = try ScriptedProvider().relyingParty()
        let error = #expect(throws: LoginError.self) { try ProviderRegistry([provider, provider], default: nil) }
        #expect(error?.code == .misconfigured)
    }

    @Test("One provider that hangs keeps nobody from signing in at another, and the site ready")
    func hungProvider() async throws {
        let hung = ScriptedProvider(issuer: Self.other)
        try await Site.run { options in
            options.providers.append(hung)
            options.transport = { provider -> any HTTPTransport in
                if provider.issuer == Self.other { Hung() } else { provider }
            }
        } _: { site, client in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask { _ = try? await Browser(client).get("/login?provider=other1") }
                }
                group.addTask {
                    await #expect(throws: Never.self) {
                        try await Browser(client).signIn(site.provider)
                        #expect(try await Browser(client).get("/health/ready").status == .ok)
                    }
                }
                // Only the honest one ends by itself.
                await group.next()
                group.cancelAll()
            }
            let active = try await site.manager.getSessionStats().active
            #expect(active == 1)
        }
    }

    @Test("A provider whose client is replaced takes part in logins with the new one at once")
    func replacement() async throws {
        try await Site.run { site, client in
            let configuration = try #require(site.flow.providers.default).configuration
            func party(secret: String) throws -> RelyingParty {
                RelyingParty(
                    configuration: try ProviderConfiguration(
                        name: configuration.name,
                        issuer: configuration.issuer,
                        clientID: configuration.clientID,
                        clientSecret: Secret(secret),
                        redirectURI: configuration.redirectURI
                    ),
                    transport: site.provider,
                    logger: TestDatabase.silentLogger
                )
            }
            #expect(site.flow.providers.replace(try party(secret: "an older one")))
            let refused = try await Browser(client).visitProvider(site.provider)
            #expect(try await Browser(client).get("/callback?" + refused.query).status != .seeOther)
            #expect(site.flow.providers.replace(try party(secret: site.provider.client.secret)))
            try await Browser(client).signIn(site.provider)
        }
    }
}
