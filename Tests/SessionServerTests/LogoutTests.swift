import HTTPTypes
import Hummingbird
import HummingbirdTesting
import LoginFlow
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
        let damage = PostgresStatement("ALTER TABLE sessions RENAME COLUMN profile TO lost", parameters: [])
        let count = PostgresStatement("SELECT count(*) FROM sessions", parameters: [])
        try await TestDatabase.shared.withClient { database in
            let site = try Site(store: try Site.store(database), Site.Options())
            try await site.application.application.test(.router) { client in
                let browser = Browser(client)
                try await browser.signIn(site.provider)
                try await database.write(damage)
                let cookie = try #require(browser.cookies[Site.sessionCookie])
                let id = try #require(SessionID(cookie))
                await #expect(throws: SessionError.self) { try await site.manager.getSession(id) }
                let ended = try await site.flow.end(id)
                #expect(ended.wasSignedIn)
                #expect(ended.providerLogoutURL == nil)
                #expect(try await database.read(count).first?.int8(0) == 0)
            }
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
