import HTTPTypes
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import Testing

@Suite("Callback")
struct CallbackTests {
    @Test("CB-01 RV-04 a state that is unknown, empty, truncated or one bit off finishes nothing")
    func wrongState() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            let state = try #require(answer["state"])
            let last = try #require(state.unicodeScalars.last)
            let flipped = String(state.dropLast()) + (last == "A" ? "B" : "A")
            let stranger = Base64URL.random(32)
            for wrong in ["", String(state.dropLast()), flipped, state + "A", stranger, state.uppercased()] {
                let response = try await browser.get("/callback?" + answer.replacing("state", by: wrong).query)
                #expect(response.status == .badRequest)
                #expect(response.cookie(Site.sessionCookie) == nil)
                #expect(wrong.isEmpty || !response.text.contains(wrong))
            }
            let without = try await browser.get("/callback?" + answer.replacing("state", by: nil).query)
            #expect(without.status == .badRequest)
            #expect(site.provider.requests(to: .token).isEmpty)
            // None of this has cost the browser its login.
            #expect(try await browser.get("/callback?" + answer.query).status == .seeOther)
        }
    }

    @Test("CB-02 CK-04 PR-17 another browser can't finish a login, whatever cookie is planted for it")
    func loginCSRF() async throws {
        try await Site.run { site, client in
            let attacker = Browser(client)
            let answer = try await attacker.visitProvider(site.provider, as: .mallory)
            let victim = Browser(client)
            #expect(try await victim.get("/callback?" + answer.query).status == .badRequest)
            _ = try await victim.visitProvider(site.provider)
            #expect(try await victim.get("/callback?" + answer.query).status == .badRequest)
            // The cookie's name fits the attacker's state, its value is the victim's own login.
            let name = try #require(attacker.cookies.keys.first { $0.hasPrefix(Site.loginPrefix) })
            victim.cookies[name] = try #require(victim.cookies.first { $0.key.hasPrefix(Site.loginPrefix) }).value
            #expect(try await victim.get("/callback?" + answer.query).status == .badRequest)
            #expect(site.provider.requests(to: .token).isEmpty)
            #expect(try await victim.whoAmI() == nil)
        }
    }

    @Test("CB-03 the same callback a second time never reaches the token endpoint")
    func replay() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            let before = browser.cookies
            #expect(try await browser.get("/callback?" + answer.query).status == .seeOther)
            let signedIn = browser.cookies

            // The back button of somebody who is signed in leads home and changes nothing.
            let again = try await browser.get("/callback?" + answer.query)
            #expect(again.status == .seeOther)
            #expect(again.location == "/")
            #expect(browser.cookies == signedIn)
            // With the login's cookie restored, as a thief of the whole request would have it.
            let thief = Browser(client, cookies: before)
            #expect(try await thief.get("/callback?" + answer.query).status == .badRequest)
            #expect(site.provider.requests(to: .token).count == 1)
        }
    }

    @Test("CB-06 repeated parameters are refused", arguments: ["code", "state", "iss"])
    func repeated(parameter: String) async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            let twice = answer.query + "&\(parameter)=" + (answer[parameter] ?? "")
            let response = try await browser.get("/callback?" + twice)
            #expect(response.status == .badRequest)
            #expect(site.provider.requests(to: .token).isEmpty)
        }
    }

    @Test("CB-07 CB-08 PT-20 an error counts even beside a code, consumes the login, and is not shown as sent")
    func errorAnswer() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
                .replacing("error", by: "access_denied")
                .replacing("error_description", by: "<script>alert(1)</script>https://evil.example")
            let response = try await browser.get("/callback?" + answer.query)
            #expect(response.status == .forbidden)
            #expect(response.location == nil)
            #expect(!response.text.contains("alert(1)") && !response.text.contains("evil.example"))
            #expect(!browser.cookies.keys.contains { $0.hasPrefix(Site.loginPrefix) })
            let retried = answer.replacing("error", by: nil)
            #expect(try await browser.get("/callback?" + retried.query).status == .badRequest)
            #expect(site.provider.requests(to: .token).isEmpty)
        }
    }

    @Test("CB-09 an error with an unknown state is the page of an unknown login")
    func strayError() async throws {
        try await Site.inMemory { _, client in
            let response = try await Browser(client).get("/callback?error=access_denied&state=\(Base64URL.random(32))")
            #expect(response.status == .badRequest)
            #expect(response.text.contains("login_not_found"))
        }
    }

    @Test(
        "CB-10 CB-11 an issuer that differs in anything, or is promised and missing, is refused",
        arguments: ["https://OP.example", "https://op.example/", "https://op.example:443", "https%3A//op.example", nil]
    )
    func issuerMismatch(issuer: String?) async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider).replacing("iss", by: issuer)
            let response = try await browser.get("/callback?" + answer.query, [.accept: "application/json"])
            #expect(response.status == .badRequest)
            #expect(response.json["error"] == "issuer_mismatch")
            #expect(site.provider.requests(to: .token).isEmpty)
        }
    }

    @Test(
        "CB-13 CB-21 PR-19 an answer of one provider on the login of another is refused and its code sent nowhere",
        arguments: ["/callback", "/callback/other1"]
    )
    func mixUp(path: String) async throws {
        let evil = ScriptedProvider(issuer: "https://evil.example")
        try await Site.run { options in
            options.providers.append(evil)
        } _: { site, client in
            let browser = Browser(client)
            let honest = try await browser.visitProvider(site.provider)
            let started = try await browser.visitProvider(evil, login: "/login?provider=other1")
            let mixed = honest.replacing("state", by: started["state"])
            let response = try await browser.get(path + "?" + mixed.query, [.accept: "application/json"])
            #expect(response.status == .badRequest && response.json["error"] == "issuer_mismatch")
            #expect(evil.requests(to: .token).isEmpty && site.provider.requests(to: .token).isEmpty)
        }
    }

    @Test("CB-14 a stolen code in the thief's own login is worth nothing", arguments: [false, true])
    func codeInjection(providerIgnoresPKCE: Bool) async throws {
        try await Site.run { site, client in
            let victim = Browser(client)
            let stolen = try await victim.visitProvider(site.provider)
            let thief = Browser(client)
            let own = try await thief.visitProvider(site.provider, as: .mallory)
            if providerIgnoresPKCE { site.provider.misbehave(.ignoresPKCE) }
            let response = try await thief.get("/callback?" + own.replacing("code", by: stolen["code"]).query)
            #expect(response.status.code == (providerIgnoresPKCE ? 502 : 400))
            #expect(try await thief.whoAmI() == nil)
        }
    }

    @Test("CB-15 SS-01 PS-01 an id from before the login is never the id after it")
    func fixation() async throws {
        try await Site.run { site, client in
            // The attacker's planted ids: made up, anonymous but ours, and a live session.
            let anonymous = try await site.manager.createSession(SessionAttributes())
            let attacker = Browser(client)
            try await attacker.signIn(site.provider, as: .mallory)
            let live = try #require(attacker.cookies[Site.sessionCookie])
            for planted in [Base64URL.random(32), anonymous.id.value.reveal(), live] {
                let victim = Browser(client, cookies: [Site.sessionCookie: planted])
                try await victim.signIn(site.provider)
                let id = try #require(victim.cookies[Site.sessionCookie])
                #expect(id != planted)
                #expect(try await Browser(client, cookies: [Site.sessionCookie: planted]).whoAmI() == nil)
                #expect(try await victim.whoAmI() == "alice-1")
            }
        }
    }

    @Test("CB-16 signing in as somebody else ends the session before and takes nothing over")
    func switchUser() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let before = try #require(browser.cookies[Site.sessionCookie])
            try await browser.signIn(site.provider, as: .mallory)
            #expect(try await Browser(client, cookies: [Site.sessionCookie: before]).whoAmI() == nil)
            let session = try await browser.get("/session", [.accept: "application/json"])
            #expect(session.json["subject"] == "mallory-1")
            #expect(!session.text.contains("alice"))
        }
    }

    @Test("CB-17 no other method touches a login", arguments: ["HEAD", "PUT", "OPTIONS", "POST", "DELETE", "BREW"])
    func methods(method: String) async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            let response = try await browser.send(try #require(.init(method)), "/callback?" + answer.query)
            #expect(response.status == .methodNotAllowed)
            #expect(response.headers[.allow] == "GET")
            #expect(try await browser.get("/callback?" + answer.query).status == .seeOther)
        }
    }

    @Test("CB-18 the answer to a callback leaves nothing of it behind")
    func leavesNothing() async throws {
        try await Site.inMemory { site, client in
            let response = try await Browser(client).signIn(site.provider)
            #expect(response.location == "/")
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(response.headers[.referrerPolicy] == "no-referrer")
            #expect(response.text.isEmpty)
        }
    }

    @Test("CB-19 the redirect URI is the configured one, whatever the request says about its host")
    func hostHeaders() async throws {
        try await Site.inMemory { site, client in
            let response = try await Browser(client).get(
                "/login",
                [
                    .known("X-Forwarded-Host"): "evil.example", .known("X-Forwarded-Proto"): "http",
                    .known("Forwarded"): "host=evil.example;proto=http", .known("X-Original-Host"): "evil.example",
                ]
            )
            let location = try #require(response.location)
            #expect(throws: Never.self) { try site.provider.authorize(location) }
            #expect(!location.contains("evil"))
        }
    }

    @Test("CB-22 CB-23 extra parameters are ignored; a strange code is encoded or refused, never injected")
    func extras() async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            let response = try await browser.get("/callback?session_state=x&scope=openid&" + answer.query)
            #expect(response.status == .seeOther)
            for code in ["a&grant_type=password", "a+b", "a\u{0}b", "é", String(repeating: "c", count: 8192)] {
                let answer = try await browser.visitProvider(site.provider).replacing("code", by: code)
                let response = try await browser.get("/callback?" + answer.query)
                #expect(response.status == .badRequest)
            }
            for request in site.provider.requests(to: .token) {
                #expect(request.form["grant_type"] == "authorization_code")
                #expect(request.form.repeated.isEmpty)
            }
        }
    }
}

extension CallbackTests {
    @Suite("Form post")
    struct FormPost {
        private func withSite(_ body: @Sendable (Site, Browser) async throws -> Void) async throws {
            try await Site.run { options in
                options.configure = { $0.responseMode = .formPost }
            } _: { site, client in
                try await body(site, Browser(client))
            }
        }

        private static let crossSite: HTTPFields = [.origin: "https://op.example", .secFetchSite: "cross-site"]

        @Test("CF-27 CK-12 a posted answer finishes the login, with a login cookie that crosses sites")
        func posted() async throws {
            try await withSite { site, browser in
                let started = try await browser.get("/login")
                let cookie = try #require(started.cookies.first)
                #expect(cookie.attributes.contains("SameSite=None") && cookie.attributes.contains("Secure"))
                let answer = try site.provider.authorize(try #require(started.location))
                let response = try await browser.post("/callback", Self.crossSite, form: answer.query)
                #expect(response.status == .seeOther)
                #expect(response.cookie(Site.sessionCookie)?.attributes.contains("SameSite=Lax") == true)
                #expect(try await browser.whoAmI() == "alice-1")
            }
        }

        @Test("CF-27 a posted error shows a page and signs nobody in")
        func postedError() async throws {
            try await withSite { site, browser in
                let answer = try await browser.visitProvider(site.provider, error: "login_required")
                let response = try await browser.post("/callback", Self.crossSite, form: answer.query)
                #expect(response.status == .forbidden)
                #expect(try await browser.whoAmI() == nil)
            }
        }

        @Test("CB-20 other content types are 415, large bodies 413, and neither is parsed")
        func wrongBodies() async throws {
            try await withSite { site, browser in
                let answer = try await browser.visitProvider(site.provider)
                for type in ["text/plain", "multipart/form-data; boundary=x", "application/json", ""] {
                    var headers = Self.crossSite
                    headers[.contentType] = type
                    let response = try await browser.post("/callback", headers, form: answer.query)
                    #expect(response.status == .unsupportedMediaType)
                }
                let large = answer.query + "&x=" + String(repeating: "a", count: 10 << 20)
                #expect(try await browser.post("/callback", Self.crossSite, form: large).status == .contentTooLarge)
                #expect(site.provider.requests(to: .token).isEmpty)
                #expect(try await browser.post("/callback", Self.crossSite, form: answer.query).status == .seeOther)
            }
        }
    }
}
