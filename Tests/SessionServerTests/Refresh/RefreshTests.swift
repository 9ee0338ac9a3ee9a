import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import LoginFlow
import OpenIDConnect
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import TestSupport
import Testing

@Suite("Refreshing the tokens of a session")
struct RefreshTests {
    @Test("A refresh keeps the session's id, moves its end, and records whose request it was")
    func keepsSession() async throws {
        try await RefreshSite.run { site async throws in
            let before = try #require(try await site.session())
            #expect(before.deviceLabel == nil)
            site.clock.advance(by: .seconds(3000))
            let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
            let answer = try await site.browser.post(
                "/session/refresh",
                Site.sameOrigin.merging([.accept: "application/json", .userAgent: agent])
            )
            #expect(answer.status == .ok)
            #expect(answer.json["subject"] == "alice-1")
            let after = try #require(try await site.session())
            #expect(after.id == before.id)
            #expect(after.createdAt == before.createdAt)
            #expect(after.userAgent == agent)
            #expect(after.deviceLabel == "Firefox on Linux")
            #expect(after.accessToken?.reveal() != before.accessToken?.reveal())
            #expect(after.refreshToken?.reveal() != before.refreshToken?.reveal())
            #expect(after.idToken?.reveal() != before.idToken?.reveal())
            for token in [after.accessToken, after.refreshToken, after.idToken] {
                let token = try #require(token)
                #expect(!answer.text.contains(token.reveal()))
            }
            #expect(site.exchanges == 1)
            // 3000 seconds after the login its stored end has moved by as much; idle and absolute end are others.
            let next = try #require(after.accessTokenExpiresAt)
            #expect(abs(next.timeIntervalSince(site.clock.now()) - 300) < 2)
        }
    }

    @Test("Nothing is refreshed before it is time, or when nobody is signed in, or for another site's page")
    func notNeeded() async throws {
        try await RefreshSite.run { site async throws in
            #expect(try await site.refresh().status == .ok)
            #expect(try await Browser(site.client).post("/session/refresh").status == .unauthorized)
            site.passEnd()
            let foreign: [HTTPFields] = [
                [:], [.origin: "https://evil.example"], [.secFetchSite: "cross-site"], [.secFetchSite: "same-site"],
            ]
            for headers in foreign {
                #expect(try await site.browser.post("/session/refresh", headers).status == .forbidden)
            }
            #expect(try await site.browser.get("/session/refresh").status == .methodNotAllowed)
            #expect(site.exchanges == 0)
        }
    }

    @Test("SESSION_REFRESH off: no route, and nothing is refreshed")
    func switchedOff() async throws {
        try await RefreshSite.run {
            $0.flow.refreshesTokens = false
        } _: { site async throws in
            site.passEnd()
            #expect(try await site.refresh().status == .notFound)
            #expect(try await site.browser.whoAmI() == "alice-1")
            #expect(try await site.site.flow.freshSession(try site.id())?.subject == "alice-1")
            #expect(site.exchanges == 0)
        }
    }

    @Test("A handler behind attachSession(refreshing:) finds an access token that is good")
    func handler() async throws {
        try await RefreshSite.run { site async throws in
            let routes = try SessionRoutes(flow: site.site.flow, settings: site.site.settings)
            let router = Router(context: BasicSessionRequestContext.self)
            router.group().add(middleware: routes.attachSession(refreshing: true)).get("/token") { _, context in
                context.session?.accessToken?.reveal() ?? "none"
            }
            let app = Application(router: router, logger: TestDatabase.silentLogger)
            try await app.test(.router) { client in
                let browser = Browser(client, cookies: site.browser.cookies)
                let first = try await browser.get("/token").text
                #expect(first == (try await site.session())?.accessToken?.reveal())
                #expect(site.exchanges == 0)
                site.nearEnd()
                let second = try await browser.get("/token").text
                #expect(second != first)
                #expect(second == (try await site.session())?.accessToken?.reveal())
                #expect(try await Browser(client).get("/token").text == "none")
                // No new one, and the old one has ended: the handler doesn't run.
                site.passEnd()
                site.provider.misbehave(.failure(.token, .notConnected))
                let refused = try await browser.get("/token")
                #expect(refused.status == .serviceUnavailable)
                #expect(Int(refused.headers[.retryAfter] ?? "") ?? 0 > 0)
            }
        }
    }

    @Test("GET /session answers at once and has a stale token refreshed behind its back, once")
    func background() async throws {
        try await RefreshSite.run { site async throws in
            site.nearEnd()
            let gate = site.provider.hold(.token)
            for _ in 0..<5 { #expect(try await site.browser.whoAmI() == "alice-1") }
            try await gate.arrived()
            #expect(site.exchanges == 1)
            let before = try #require(try await site.session())
            gate.open()
            let waited = try #require(try await site.site.flow.freshSession(try site.id()))
            #expect(waited.accessToken?.reveal() != before.accessToken?.reveal())
            #expect(site.exchanges == 1)
            #expect(try await site.browser.whoAmI() == "alice-1")
            #expect(site.exchanges == 1)
        }
    }

    @Test("HEAD /session has no effect: it begins no refresh")
    func head() async throws {
        try await RefreshSite.run { site async throws in
            site.nearEnd()
            let gate = site.provider.hold(.token)
            for _ in 0..<5 {
                let answer = try await site.browser.send(.head, "/session", [.userAgent: "a monitor"])
                #expect(answer.status == .ok)
            }
            // A refresh that HEAD had begun would be the one that this joins, and would have its user agent.
            #expect(try await site.browser.send(.get, "/session", [.userAgent: "a browser"]).status == .ok)
            try await gate.arrived()
            gate.open()
            _ = try await site.site.flow.freshSession(try site.id())
            #expect(try await site.session()?.userAgent == "a browser")
            #expect(site.exchanges == 1)
        }
    }

    @Test("RF-06 reading a session over and over asks a provider in trouble no more than once")
    func noStorm() async throws {
        try await RefreshSite.run { site async throws in
            site.nearEnd()
            site.provider.misbehave(.answer(.token, .json(["error": "server_error"], status: 500)))
            for _ in 0..<20 { #expect(try await site.browser.whoAmI() == "alice-1") }
            _ = try await site.site.flow.freshSession(try site.id())
            #expect(site.exchanges == 1)
        }
    }

    @Test("Tokens that live shorter than the margin aren't refreshed with every request")
    func shortLived() async throws {
        try await RefreshSite.run { site async throws in
            site.provider.misbehave(.tokenMember("expires_in", 20))
            site.passEnd()
            for _ in 0..<5 { #expect(try await site.refresh().status == .ok) }
            #expect(site.exchanges == 1)
            site.clock.advance(by: .seconds(11))
            #expect(try await site.refresh().status == .ok)
            #expect(site.exchanges == 2)
        }
    }

    @Test("RF-06 tokens that have ended when they come are exchanged once in some seconds, however often one looks")
    func endedTokens() async throws {
        try await RefreshSite.run { site async throws in
            site.provider.misbehave(.tokenMember("expires_in", 0))
            site.passEnd()
            let id = try site.id()
            for _ in 0..<10 {
                #expect(try await site.browser.whoAmI() == "alice-1")
                #expect(try await site.site.flow.freshSession(id)?.subject == "alice-1")
            }
            #expect(site.exchanges == 1)
            site.clock.advance(by: RefreshLeaseRequest.leastPause)
            for _ in 0..<3 { #expect(try await site.site.flow.freshSession(id)?.subject == "alice-1") }
            #expect(site.exchanges == 2)
            // Whoever knows that there is something new need not wait.
            site.clock.advance(by: .seconds(1))
            _ = try await site.site.flow.refresh(id)
            #expect(site.exchanges == 3)
        }
    }

    @Test("RF-09 no scope is asked for in a refresh, and a wider one that comes all the same changes nothing here")
    func widerScope() async throws {
        try await RefreshSite.run { site async throws in
            let before = try #require(try await site.session())
            site.provider.misbehave(.tokenMember("scope", "openid profile email admin"), .refreshWithoutIDToken)
            for _ in 0..<2 {
                site.passEnd()
                #expect(try await site.refresh().status == .ok)
            }
            for request in site.provider.requests(to: .token) {
                #expect(request.form["grant_type"] == "refresh_token" && request.form["scope"] == nil)
            }
            #expect(site.exchanges == 2)
            let after = try #require(try await site.session())
            #expect(after.roles == before.roles && after.profile == before.profile)
            let own = try await site.browser.get("/session", [.accept: "application/json"])
            #expect(!own.text.contains("admin"))
        }
    }

    @Test("RF-03 RF-04 without a new refresh token the old one stays, without an ID token the identity does")
    func lessIsSent() async throws {
        try await RefreshSite.run { site async throws in
            let before = try #require(try await site.session())
            site.provider.misbehave(.withoutRotation, .refreshWithoutIDToken)
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            let after = try #require(try await site.session())
            #expect(after.refreshToken?.reveal() == before.refreshToken?.reveal())
            #expect(after.idToken?.reveal() == before.idToken?.reveal())
            #expect(after.accessToken?.reveal() != before.accessToken?.reveal())
            #expect(after.profile == before.profile)
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            #expect(site.exchanges == 2)
        }
    }

    @Test("flow.refresh fetches new tokens before the old ones end; simultaneous calls share it")
    func forced() async throws {
        try await RefreshSite.run { site async throws in
            let id = try site.id()
            let gate = site.provider.hold(.token)
            let before = try #require(try await site.session())
            site.clock.advance(by: .seconds(1))
            try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await site.site.flow.refresh(id)?.accessToken?.reveal() }
                }
                try await gate.arrived()
                gate.open()
                let tokens = try await group.reduce(into: Set<String?>()) { $0.insert($1) }
                #expect(!tokens.contains(before.accessToken?.reveal()))
            }
            #expect((1...2).contains(site.exchanges), "those who come after it has ended need another")
        }
    }

    @Test("AD-12 neither a refresh nor the failure of one leaves a token in the logs, whatever the level")
    func logs() async throws {
        let lines = SecrecyTests.Lines()
        try await RefreshSite.run {
            $0.logger = Logger(label: "test") { _ in lines }
        } _: { site async throws in
            var tokens: [String] = []
            func remember() async throws {
                let session = try await site.session()
                tokens += [session?.accessToken, session?.refreshToken, session?.idToken, session?.nonce]
                    .compactMap { $0?.reveal() }
            }
            try await remember()
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            try await remember()
            site.provider.misbehave(.failure(.token, .notConnected))
            site.passEnd()
            #expect(try await site.refresh().status == .serviceUnavailable)
            site.clock.advance(by: .seconds(10))
            site.provider.misbehave(.answer(.token, .json(["error": "invalid_grant"], status: 400)))
            #expect(try await site.refresh().status == .unauthorized)
            let log = lines.all.joined(separator: "\n")
            for word in ["Tokens refreshed", "Tokens were not refreshed", "A session has ended"] {
                #expect(log.contains(word))
            }
            #expect(tokens.count >= 7)
            for token in tokens { #expect(!log.contains(token)) }
            #expect(!log.contains(site.browser.cookies[Site.sessionCookie] ?? "cookie"))
        }
    }
}
