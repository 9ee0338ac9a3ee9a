import Foundation
import HTTPTypes
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import Testing

@Suite("Sessions as the server keeps them")
struct SessionRuleTests {
    @Test(
        "SS-01 SS-03 what we never issued, or what no id looks like, is nobody",
        arguments: [
            Base64URL.random(32), "%00", "'", "\"", "a", String(repeating: "A", count: 42),
            String(repeating: "A", count: 44), String(repeating: "A", count: 42) + "B",
            String(repeating: "é", count: 43),
            String(repeating: "A", count: 20_000), "../../etc/passwd", String(repeating: "+", count: 43),
        ]
    )
    func foreignIDs(value: String) async throws {
        try await Site.inMemory { _, client in
            let browser = Browser(client, cookies: [Site.sessionCookie: value])
            let subject = try await browser.whoAmI()
            #expect(subject == nil)
            let start = try await browser.get("/")
            #expect(start.status == .ok)
            // It is not adopted and not answered with a cookie.
            #expect(browser.cookies == [Site.sessionCookie: value])
        }
    }

    @Test("SS-04 SS-05 PS-04 PS-12 idle and absolute lifetimes end a session, cleaner or not")
    func lifetimes() async throws {
        let clock = ManualClock(Date())
        try await Site.inMemory { options in
            options.clock = clock
            options.memory = InMemorySessionStore(clock: { clock.now() })
            options.providers = [ScriptedProvider(clock: clock)]
        } _: { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            clock.advance(by: .seconds(3599))
            #expect(try await browser.whoAmI() == "alice-1")
            clock.advance(by: .seconds(3601))
            #expect(try await browser.whoAmI() == nil)
        }
    }

    @Test("CB-05 a login that took longer than its lifetime can't be finished")
    func staleLogin() async throws {
        let clock = ManualClock(Date())
        try await Site.inMemory { options in
            options.clock = clock
            options.memory = InMemorySessionStore(clock: { clock.now() })
            options.providers = [ScriptedProvider(clock: clock)]
        } _: { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            clock.advance(by: .seconds(601))
            #expect(try await browser.get("/callback?" + answer.query).status == .badRequest)
            #expect(site.provider.requests(to: .token).isEmpty)
        }
    }

    @Test("SS-07 RL-02 after logout the id is dead, whoever still has it")
    func logoutWins() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let copy = Browser(client, cookies: browser.cookies)
            _ = try await browser.post("/logout")
            #expect(try await copy.whoAmI() == nil)
            #expect(try await copy.get("/").text.contains("not signed in"))
        }
    }

    @Test("SS-09 ending all sessions of a user is seen by the next request")
    func invalidated() async throws {
        try await Site.run { site, client in
            let first = Browser(client)
            let second = Browser(client)
            try await first.signIn(site.provider)
            try await second.signIn(site.provider)
            let user = UserKey(tenantID: "", issuer: site.provider.issuer, subject: "alice-1")
            #expect(try await site.manager.invalidateUserSessions(user) == 2)
            #expect(try await first.whoAmI() == nil)
            #expect(try await second.whoAmI() == nil)
        }
    }

    @Test("SS-11 one login more than the maximum ends the oldest session")
    func limit() async throws {
        var policy = SessionPolicy()
        policy.maximumSessionsPerUser = 2
        let chosen = policy
        try await Site.run { options in
            options.policy = chosen
        } _: { site, client in
            let browsers = [Browser(client), Browser(client), Browser(client)]
            for browser in browsers { try await browser.signIn(site.provider) }
            #expect(try await browsers[0].whoAmI() == nil)
            #expect(try await browsers[1].whoAmI() == "alice-1")
            #expect(try await browsers[2].whoAmI() == "alice-1")
        }
    }

    @Test("SS-14 PS-09 a started login is no session, and a session finishes no login")
    func separateKinds() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            let (name, value) = try #require(browser.cookies.first)
            let id = String(value.prefix { $0 != "." })
            #expect(try await Browser(client, cookies: [Site.sessionCookie: id]).whoAmI() == nil)

            let other = Browser(client)
            try await other.signIn(site.provider, as: .mallory)
            let session = try #require(other.cookies[Site.sessionCookie])
            let forged = Browser(client, cookies: [name: session + ".1"])
            #expect(try await forged.get("/callback?" + answer.query).status == .badRequest)
            #expect(try await browser.get("/callback?" + answer.query).status == .seeOther)
        }
    }

    @Test("SS-17 more claims than a session takes fail the login with a clear answer")
    func hugeClaims() async throws {
        try await Site.run { options in
            options.configure = { $0.usesUserInfo = true }
        } _: { site, client in
            site.provider.misbehave(.userInfoClaim("biography", .string(String(repeating: "x", count: 80_000))))
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            let response = try await browser.get("/callback?" + answer.query, [.accept: "application/json"])
            #expect(response.status == .badGateway)
            #expect(response.json["error"] == "profile_too_large")
            #expect(try await browser.whoAmI() == nil)
        }
    }

    @Test("A store that refuses what it is given is a fault of ours, not of the claims")
    func invalidInput() {
        #expect(LoginError(SessionError(.invalidInput, "x")).code == .failed)
        #expect(LoginError(SessionError(.tooLarge, "x")).code == .profileTooLarge)
    }

    @Test("SS-19 PS-16 /session and the pages tell identity and times, never a token or an id")
    func noTokens() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let id = try #require(browser.cookies[Site.sessionCookie])
            let sessionID = try #require(SessionID(id))
            let session = try #require(try await site.manager.getSession(sessionID))
            let tokens = [session.accessToken, session.refreshToken, session.idToken]
            let secrets = tokens.compactMap { $0?.reveal() } + [id]
            #expect(secrets.count == 4)
            for (path, accept) in [("/session", "application/json"), ("/session", "text/html"), ("/", "text/html")] {
                let text = try await browser.get(path, [.accept: accept]).text
                #expect(text.contains("alice-1"))
                for secret in secrets { #expect(!text.contains(secret)) }
            }
            let json = try await browser.get("/session", [.accept: "application/json"]).jsonObject
            #expect(
                Set(json.keys) == [
                    "authenticated", "session", "subject", "issuer", "provider", "tenantId", "roles", "createdAt",
                    "lastAccessedAt", "expiresAt", "name", "preferredUsername", "email", "emailVerified",
                ]
            )
            #expect(json["emailVerified"] as? Bool == true)
        }
    }

    @Test("An anonymous session is nobody who could be signed in")
    func anonymous() async throws {
        try await Site.run { site, client in
            let session = try await site.manager.createSession(SessionAttributes())
            let browser = Browser(client, cookies: [Site.sessionCookie: session.id.value.reveal()])
            #expect(try await browser.whoAmI() == nil)
        }
    }
}
