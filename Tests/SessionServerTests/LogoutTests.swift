import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import PostgresPipeline
import ScriptedProvider
import SessionServer
import Sessions
import TestSupport
import Testing

@Suite("Logout")
struct LogoutTests {
    /// What a browser or a program sends with a POST, and whether it is from one of our own pages.
    static let origins: [(HTTPFields, Bool)] = [
        ([.origin: "https://app.example", .secFetchSite: "same-origin"], true),
        ([.origin: "https://app.example"], true),
        ([.origin: "null", .secFetchSite: "same-origin"], true),
        ([.secFetchSite: "same-origin"], true),
        ([:], false),
        ([.origin: "null"], false),
        ([.origin: "null", .secFetchSite: "cross-site"], false),
        ([.origin: "https://app.example", .secFetchSite: "cross-site"], false),
        ([.origin: "https://app.example", .secFetchSite: "same-site"], false),
        ([.origin: "https://app.example", .secFetchSite: "none"], false),
        ([.origin: "https://evil.example", .secFetchSite: "same-origin"], false),
        ([.origin: "https://app.example.evil"], false),
        ([.origin: "https://app.example:8443"], false),
        ([.origin: "http://app.example"], false),
        ([.origin: "https://sub.app.example"], false),
        ([.origin: "https://APP.example"], false),
        ([.origin: ""], false),
        ([.known("Referer"): "https://app.example/"], false),
        ([.known("X-HTTP-Method-Override"): "POST", .known("X-Requested-With"): "XMLHttpRequest"], false),
    ]

    @Test("BF-01 BF-03 RL-01 only our own pages sign anybody out", arguments: 0..<origins.count)
    func sameOrigin(index: Int) async throws {
        let (headers, isOurs) = Self.origins[index]
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let response = try await browser.post("/logout", headers)
            #expect(response.status == (isOurs ? .seeOther : .forbidden))
            #expect(response.cookies.isEmpty == !isOurs)
            #expect(try await browser.whoAmI() == (isOurs ? nil : "alice-1"))
        }
    }

    @Test("RL-09 no page of somebody who is signed in may be kept by a browser, so that going back asks again")
    func backButton() async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            for path in ["/", "/sessions", "/session", "/logout"] {
                let page = try await browser.get(path)
                #expect(page.status == .ok && page.headers[.cacheControl] == "no-store", "\(path)")
            }
            #expect(try await browser.get("/").text.contains("You are signed in"))
            #expect(try await browser.post("/logout").status == .seeOther)
            let back = try await browser.get("/")
            #expect(back.text.contains("You are not signed in") && back.headers[.cacheControl] == "no-store")
            #expect(try await browser.get("/sessions").status != .ok)
        }
    }

    @Test("BF-02 neither a bodyless nor a text/plain POST from elsewhere gets through", arguments: ["text/plain", ""])
    func simpleRequests(type: String) async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let headers: HTTPFields = [.origin: "https://evil.example", .contentType: type]
            #expect(try await browser.post("/logout", headers, form: "{}").status == .forbidden)
            #expect(try await browser.whoAmI() == "alice-1")
        }
    }

    @Test("RL-01 GET and HEAD ask and change nothing")
    func get() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let page = try await browser.get("/logout", [.secFetchSite: "cross-site"])
            #expect(page.status == .ok)
            #expect(page.cookies.isEmpty)
            #expect(page.text.contains("method=\"post\" action=\"/logout\""))
            // With `no-referrer`, the browser would send the form with `Origin: null`.
            #expect(page.headers[.referrerPolicy] == "same-origin")
            #expect(try await browser.send(.head, "/logout").status == .ok)
            #expect(try await browser.whoAmI() == "alice-1")
        }
    }

    @Test("RL-02 RL-03 the session ends here even if the provider is out of reach or has no logout")
    func providerDown() async throws {
        try await Site.run { site, client in
            site.provider.misbehave(.metadata("end_session_endpoint", nil))
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let response = try await browser.post("/logout")
            #expect(response.status == .seeOther)
            #expect(response.location == "/logged-out")
            let landing = try await browser.get("/logged-out")
            #expect(landing.text.contains("You are signed out"))
            #expect(try await browser.whoAmI() == nil)
        }
    }

    @Test("RL-02 a session that cannot be read is ended all the same")
    func unreadable() async throws {
        try await withDamage("ALTER TABLE sessions RENAME COLUMN profile TO lost") { site, browser, database in
            let cookie = try #require(browser.cookies[Site.sessionCookie])
            let id = try #require(SessionID(cookie))
            await #expect(throws: SessionError.self) { try await site.manager.getSession(id) }
            let ended = try await site.flow.end(id)
            #expect(ended.wasSignedIn)
            #expect(try await database.count("sessions") == 0)
        }
    }

    @Test("RL-02 a session whose values can't be opened is ended, and no hint is sent")
    func sealed() async throws {
        let damage = "UPDATE sessions SET id_token = refresh_token, refresh_token = id_token"
        try await withDamage(damage) { _, browser, _ in
            let response = try await browser.post("/logout")
            #expect(response.location?.hasPrefix("https://op.example/end-session?client_id=") == true)
            #expect(try await browser.whoAmI() == nil)
        }
    }

    /// Somebody who has signed in, on a database to which something has happened since.
    private func withDamage(
        _ damage: String,
        _ body: @Sendable (Site, Browser, PostgresClient) async throws -> Void
    ) async throws {
        try await TestDatabase.shared.withClient { database in
            let site = try Site(store: try Site.store(database), Site.Options())
            try await site.application.application.test(.router) { client in
                let browser = Browser(client)
                try await browser.signIn(site.provider)
                try await database.write(PostgresStatement(damage))
                try await body(site, browser, database)
            }
        }
    }

    @Test("RL-04 the holder of a session that has expired is sent to the provider's logout, without the ID token")
    func expired() async throws {
        let clock = ManualClock(Date())
        try await Site.inMemory {
            $0.clock = clock
            $0.memory = InMemorySessionStore(clock: { clock.now() })
            $0.providers = [ScriptedProvider(clock: clock)]
            $0.configure = { $0.postLogoutRedirectURI = "https://app.example/logged-out" }
        } _: { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            clock.advance(by: .seconds(3601))
            #expect(try await browser.whoAmI() == nil)
            let response = try await browser.post("/logout")
            let location = try #require(response.location)
            #expect(location.hasPrefix("https://op.example/end-session?"))
            #expect(!location.contains("id_token_hint"))
            #expect(try site.provider.endSession(location) != nil)
        }
    }

    @Test("RL-04 an ID token that is too long for a URL is left out, and the logout at the provider goes on without it")
    func longHint() async throws {
        try await Site.inMemory {
            $0.configure = { $0.postLogoutRedirectURI = "https://app.example/logged-out" }
        } _: { site, client in
            site.provider.misbehave(.idTokenClaim("about", .string(String(repeating: "x", count: 6000))))
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let location = try #require(try await browser.post("/logout").location)
            #expect(location.hasPrefix("https://op.example/end-session?client_id="))
            #expect(location.utf8.count < 1000)
            #expect(try site.provider.endSession(location) != nil)
        }
    }

    @Test("RL-02 a provider that hangs keeps nobody waiting for its logout longer than the limit")
    func hangingProvider() async throws {
        let clock = ManualClock(Date())
        var pacing = RevocationPacing()
        pacing.logoutLimit = .milliseconds(50)
        let chosen = pacing
        try await Site.inMemory {
            $0.clock = clock
            $0.providers = [ScriptedProvider(clock: clock)]
            $0.revocationPacing = chosen
            $0.configure = { $0.revokesTokens = false }
        } _: { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            // What is known of the provider is no longer good.
            clock.advance(by: .seconds(3 * 86_400))
            let gate = site.provider.hold(.discovery)
            let response = try await browser.post("/logout")
            #expect(response.location == "/logged-out")
            #expect(try await browser.whoAmI() == nil)
            gate.open()
        }
    }

    @Test("RL-05 a return_to of a logout leads nowhere", arguments: ["//evil.example", "https://evil.example", "/x"])
    func returnTo(target: String) async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let response = try await browser.post("/logout?return_to=\(target)&post_logout_redirect_uri=\(target)")
            #expect(response.location?.hasPrefix("https://op.example/end-session?") == true)
            #expect(response.location?.contains("evil") == false)
        }
    }

    @Test("RL-06 CL-02 CL-03 coming back from the provider shows a neutral page, whatever state it brings")
    func landing() async throws {
        try await Site.inMemory { site, client in
            let signedIn = Browser(client)
            try await signedIn.signIn(site.provider)
            for browser in [Browser(client), signedIn] {
                for query in ["", "?state=forged&error=x&iss=https://evil.example", "?state=a&state=b", "?state"] {
                    let response = try await browser.get("/logged-out" + query)
                    #expect(response.status == .ok)
                    #expect(response.cookies.isEmpty)
                    #expect(!response.text.contains("forged") && !response.text.contains("evil"))
                }
            }
            #expect(try await signedIn.whoAmI() == "alice-1")
        }
    }

    @Test("CL-01 RL-06 with the state of its own sign-out a browser is told that it has been at the provider, once")
    func comingBack() async throws {
        try await Site.inMemory {
            $0.configure = { $0.postLogoutRedirectURI = "https://app.example/logged-out" }
        } _: { site, client in
            site.provider.forgetRequests()
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let location = try #require(try await browser.post("/logout").location)
            let hints = location.split(separator: "&").filter { $0.contains("id_token_hint=") }
            #expect(hints.count == 1)
            // The provider takes only hints that it gave and URIs that are registered.
            let target = try #require(try site.provider.endSession(location))
            #expect(target.hasPrefix("https://app.example/logged-out?state="))
            let path = String(target.dropFirst("https://app.example".utf8.count))
            let stranger = try await Browser(client).get(path)
            #expect(!stranger.text.contains("sent you back"))
            let landing = try await browser.get(path, [.secFetchSite: "cross-site"])
            #expect(landing.status == .ok && landing.text.contains("sent you back"))
            #expect(landing.cookie("__Host-oidc_logout")?.value == "")
            #expect(try await !browser.get(path).text.contains("sent you back"))
        }
    }

    @Test("CL-02 CL-03 RL-06 with another state, or none, it is neutral", arguments: ["?state=other", "", "?state="])
    func otherState(query: String) async throws {
        try await Site.inMemory {
            $0.configure = { $0.postLogoutRedirectURI = "https://app.example/logged-out" }
        } _: { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            #expect(try await browser.post("/logout").status == .seeOther)
            let landing = try await browser.get("/logged-out" + query)
            #expect(landing.status == .ok && landing.text.contains("You are signed out"))
            #expect(!landing.text.contains("sent you back"))
        }
    }

    @Test("RL-06 coming back from the provider takes no session from somebody who has signed in again")
    func signedInAgain() async throws {
        try await Site.inMemory {
            $0.configure = { $0.postLogoutRedirectURI = "https://app.example/logged-out" }
        } _: { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let location = try #require(try await browser.post("/logout").location)
            let target = try #require(try site.provider.endSession(location))
            try await browser.signIn(site.provider)
            let landing = try await browser.get(String(target.dropFirst("https://app.example".utf8.count)))
            #expect(landing.status == .ok && !landing.text.contains("sent you back"))
            #expect(try await browser.whoAmI() == "alice-1")
        }
    }

    @Test("RL-08 at sign-out the browser throws away what the settings say", arguments: [[], ["cache", "storage"]])
    func clearSiteData(kinds: [String]) async throws {
        try await Site.inMemory {
            $0.settings = { $0.clearedAtSignOut = kinds }
        } _: { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let response = try await browser.post("/logout")
            #expect(response.headers[.cacheControl] == "no-store")
            let field = response.headers[.known("Clear-Site-Data")]
            #expect(field == (kinds.isEmpty ? nil : #""cache", "storage""#))
        }
    }

    @Test("RL-07 PS-08 a logout without a session clears the cookie and says the same", arguments: ["", "x", "dead"])
    func withoutSession(cookie: String) async throws {
        try await Site.run { _, client in
            let value = cookie == "dead" ? Base64URL.random(32) : cookie
            let browser = Browser(client, cookies: cookie.isEmpty ? [:] : [Site.sessionCookie: value])
            let response = try await browser.post("/logout")
            #expect(response.status == .seeOther)
            #expect(response.location == "/logged-out")
            #expect(response.cookie(Site.sessionCookie)?.value == "")
            let program = try await browser.post(
                "/logout",
                [.origin: "https://app.example", .accept: "application/json"]
            )
            #expect(program.status == .ok)
            #expect(program.jsonObject["signedOut"] as? Bool == true)
        }
    }

    @Test("A program that signs out gets no URL with the ID token in it")
    func program() async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            var headers = Site.sameOrigin
            headers[.accept] = "application/json"
            let response = try await browser.post("/logout", headers)
            #expect(response.status == .ok)
            #expect(response.location == nil && !response.text.contains("hint"))
            #expect(try await browser.whoAmI() == nil)
        }
    }
}
