import HTTPTypes
import HummingbirdTesting
import ScriptedProvider
import SessionServer
import Sessions
import Testing

@Suite("A user's own sessions")
struct OwnSessionsTests {
    static let bob = ScriptedUser(subject: "bob-2", claims: ["name": "Bob"])

    /// Alice in two browsers, Bob in one, all signed in.
    private func withUsers(
        _ body: @Sendable (Site, _ here: Browser, _ there: Browser, _ bob: Browser) async throws -> Void
    ) async throws {
        try await Site.run { site, client in
            let browsers = (0..<3).map { _ in Browser(client, accept: "application/json") }
            for (browser, user) in zip(browsers, [ScriptedUser.alice, .alice, Self.bob]) {
                try await browser.signIn(site.provider, as: user)
            }
            try await body(site, browsers[0], browsers[1], browsers[2])
        }
    }

    private func handles(_ browser: Browser) async throws -> (current: String, others: [String]) {
        let list = try await browser.get("/sessions").jsonObject["sessions"] as? [[String: Any]] ?? []
        let named = list.map { ($0["handle"] as? String ?? "", $0["current"] as? Bool ?? false) }
        return (try #require(named.first { $0.1 }?.0), named.filter { !$0.1 }.map(\.0))
    }

    @Test("SS-10 a user sees their own sessions, the current one marked, by handles that open nothing")
    func list() async throws {
        try await withUsers { site, here, there, bob in
            let response = try await here.get("/sessions")
            #expect(response.status == .ok)
            #expect(response.headers[.cacheControl] == "no-store")
            let list = try #require(response.jsonObject["sessions"] as? [[String: Any]])
            #expect(list.count == 2)
            #expect(list.filter { $0["current"] as? Bool == true }.count == 1)
            let (current, others) = try await handles(here)
            let session = try await here.get("/session").json["session"]
            #expect(session == current)
            #expect(try await handles(there).current == others.first)
            #expect(try await handles(bob).others.isEmpty)
            // Neither list nor page has a cookie's value, and a handle presented as one finds nothing.
            let page = try await here.get("/sessions", [.accept: "text/html"])
            for browser in [here, there, bob] {
                let id = try #require(browser.cookies[Site.sessionCookie])
                #expect(!response.text.contains(id) && !page.text.contains(id))
            }
            #expect(page.text.contains("this browser"))
            #expect(page.text.contains("action=\"/sessions/\(try #require(others.first))/revoke\""))
            #expect(page.text.contains("action=\"/sessions/revoke-others\""))
            here.cookies = [Site.sessionCookie: current]
            #expect(try await here.whoAmI() == nil)
        }
    }

    @Test("SS-10 another session of the same user is ended at once, by DELETE and by a form")
    func revoke() async throws {
        try await withUsers { _, here, there, bob in
            let other = try #require(try await handles(here).others.first)
            let response = try await here.send(.delete, "/sessions/\(other)", Site.sameOrigin)
            #expect(response.status == .ok)
            #expect(response.jsonObject["revoked"] as? Int == 1)
            #expect(try await there.whoAmI() == nil)
            #expect(try await here.whoAmI() == "alice-1")
            #expect(try await bob.whoAmI() == "bob-2")
            let again = try await here.send(.delete, "/sessions/\(other)", Site.sameOrigin)
            #expect(again.status == .notFound)
        }
        try await withUsers { _, here, there, _ in
            let other = try #require(try await handles(here).others.first)
            var headers = Site.sameOrigin
            headers[.accept] = "text/html"
            let response = try await here.post("/sessions/\(other)/revoke", headers)
            #expect(response.status == .seeOther)
            #expect(response.location == "/sessions")
            #expect(try await there.whoAmI() == nil)
            #expect(try await here.whoAmI() == "alice-1")
        }
    }

    @Test("SS-10 somebody else's session is 404, as one that never was, and lives on")
    func foreign() async throws {
        try await withUsers { _, here, _, bob in
            let foreign = try await handles(bob).current
            let bobsID = try #require(bob.cookies[Site.sessionCookie])
            for handle in [
                foreign, String(repeating: "0", count: 32), bobsID, "x", "%00", foreign.uppercased(), foreign + "0",
                "..", "*", "revoke-others",
            ] {
                for (method, path) in [
                    (HTTPRequest.Method.delete, "/sessions/\(handle)"), (.post, "/sessions/\(handle)/revoke"),
                ] where path != "/sessions/revoke-others" {
                    let response = try await here.send(method, path, Site.sameOrigin)
                    #expect(response.status == .notFound)
                    #expect(response.json["error"] == "session_not_found")
                }
            }
            #expect(try await bob.whoAmI() == "bob-2")
            #expect(try await here.whoAmI() == "alice-1")
        }
    }

    @Test("SS-10 ending the current session is signing out")
    func current() async throws {
        try await withUsers { _, here, there, _ in
            let current = try await handles(here).current
            let response = try await here.send(.delete, "/sessions/\(current)", Site.sameOrigin)
            #expect(response.status == .ok)
            #expect(response.jsonObject["signedOut"] as? Bool == true)
            #expect(response.cookie(Site.sessionCookie)?.attributes.contains("Max-Age=0") == true)
            #expect(try await there.whoAmI() == "alice-1")
            // From the page it goes on to the provider's logout, as the button of the start page does.
            let other = try await handles(there).current
            var headers = Site.sameOrigin
            headers[.accept] = "text/html"
            let form = try await there.post("/sessions/\(other)/revoke", headers)
            #expect(form.status == .seeOther)
            #expect(form.location?.contains("id_token_hint=") == true)
            #expect(there.cookies[Site.sessionCookie] == nil)
        }
    }

    @Test("SS-10 all others are ended, and nobody else's")
    func others() async throws {
        try await withUsers { site, here, there, bob in
            let response = try await here.post("/sessions/revoke-others")
            #expect(response.jsonObject["revoked"] as? Int == 1)
            #expect(try await here.whoAmI() == "alice-1")
            #expect(try await there.whoAmI() == nil)
            #expect(try await bob.whoAmI() == "bob-2")
            var headers = Site.sameOrigin
            headers[.accept] = "text/html"
            #expect(try await here.post("/sessions/revoke-others", headers).location == "/sessions")
        }
    }

    @Test("BF-01 BF-03 a request that another site sends ends nothing")
    func crossSite() async throws {
        try await withUsers { _, here, there, _ in
            let (current, others) = try await handles(here)
            let other = try #require(others.first)
            let foreign: [HTTPFields] = [
                [:], [.secFetchSite: "cross-site"], [.secFetchSite: "same-site", .origin: "https://sub.app.example"],
                [.origin: "https://evil.example"], [.origin: "null"], [.origin: "https://app.example.evil"],
                [.origin: "http://app.example"], [.origin: "https://app.example:444"],
                [.origin: "https://app.example", .secFetchSite: "cross-site"],
            ]
            for headers in foreign {
                for (method, path) in [
                    (HTTPRequest.Method.delete, "/sessions/\(other)"), (.post, "/sessions/\(other)/revoke"),
                    (.post, "/sessions/\(current)/revoke"), (.post, "/sessions/revoke-others"),
                ] {
                    let response = try await here.send(method, path, headers)
                    #expect(response.status == .forbidden)
                }
            }
            #expect(try await here.whoAmI() == "alice-1")
            #expect(try await there.whoAmI() == "alice-1")
        }
    }

    @Test("Without a session there is nothing to see or to end")
    func nobody() async throws {
        try await Site.inMemory { _, client in
            let stranger = Browser(client, accept: "application/json")
            let handle = String(repeating: "a", count: 32)
            for (method, path) in [
                (HTTPRequest.Method.get, "/sessions"), (.head, "/sessions"), (.delete, "/sessions/\(handle)"),
                (.post, "/sessions/\(handle)/revoke"), (.post, "/sessions/revoke-others"),
            ] {
                let response = try await stranger.send(method, path, Site.sameOrigin)
                #expect(response.status == .unauthorized)
            }
            // No form and no link can do these by GET.
            for path in ["/sessions/\(handle)", "/sessions/\(handle)/revoke", "/sessions/revoke-others"] {
                let response = try await stranger.get(path)
                #expect(response.status == .methodNotAllowed)
            }
        }
    }

    @Test("What a browser says about itself is text on the page")
    func escaping() async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            let agent = "<img src=x onerror=alert(1)>\"'&"
            let callback = try await browser.get("/callback?" + answer.query, [.userAgent: agent])
            #expect(callback.status == .seeOther)
            let page = try await browser.get("/sessions").text
            #expect(!page.contains("<img") && page.contains("&lt;img src=x"))
        }
    }

    @Test("The start page of whoever is signed in leads to the list")
    func link() async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            #expect(try await browser.get("/").text.contains("href=\"/sessions\""))
        }
    }
}
