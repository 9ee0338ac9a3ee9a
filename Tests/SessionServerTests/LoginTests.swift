import HTTPTypes
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import ScriptedProvider
import SessionServer
import Sessions
import Testing

@Suite("Login, session, logout")
struct LoginTests {
    @Test("CF-01 CL-01 a browser signs in, is recognised, and signs out here and at the provider")
    func wholeWay() async throws {
        try await Site.run { options in
            options.configure = { $0.postLogoutRedirectURI = "https://app.example/logged-out" }
        } _: { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider, login: "/login?return_to=/inbox%3Ffolder%3D1")
            let callback = try await browser.get("/callback?" + answer.query)
            #expect(callback.status == .seeOther)
            #expect(callback.location == "/inbox?folder=1")
            #expect(browser.cookies.keys.sorted() == [Site.sessionCookie])
            #expect(try await browser.whoAmI() == "alice-1")

            let page = try await browser.get("/")
            #expect(page.text.contains("signed in as Alice"))
            #expect(page.text.contains("alice@example.org"))

            let logout = try await browser.post("/logout")
            #expect(logout.status == .seeOther)
            let url = try #require(logout.location)
            let back = try #require(try site.provider.endSession(url))
            let origin = "https://app.example"
            #expect(back.hasPrefix(origin + "/logged-out?state="))
            #expect(try await browser.whoAmI() == nil)
            #expect(try await browser.get(String(back.dropFirst(origin.utf8.count))).status == .ok)
            #expect(browser.cookies.isEmpty)
        }
    }

    @Test("AR-01 RC-10 three tabs sign in at once and finish in any order")
    func severalTabs() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            var answers: [AuthorizationAnswer] = []
            for number in 1...3 {
                answers.append(try await browser.visitProvider(site.provider, login: "/login?return_to=/tab\(number)"))
            }
            #expect(Set(answers.map { $0["state"] }).count == 3)
            for number in [2, 3, 1] {
                let response = try await browser.get("/callback?" + answers[number - 1].query)
                #expect(response.location == "/tab\(number)")
            }
            #expect(try await browser.whoAmI() == "alice-1")
            // Each login replaced the session of the one before.
            let user = UserKey(tenantID: "", issuer: site.provider.issuer, subject: "alice-1")
            #expect(try await site.manager.getUserSessions(user).count == 1)
        }
    }

    @Test(
        "AR-07 PR-16 a link on another site, a sibling's too, can't replace a session without a visible step",
        arguments: ["cross-site", "same-site"]
    )
    func forcedLogin(site origin: String) async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let headers: HTTPFields = [
                .secFetchSite: origin, .secFetchMode: "navigate", .secFetchDest: "document",
            ]
            let asked = try await browser.get("/login?return_to=/x", headers)
            #expect(asked.status == .ok)
            #expect(asked.cookies.isEmpty)
            #expect(asked.text.contains("href=\"/login?return_to=/x\""))
            // Without a session to lose, the link works.
            #expect(try await Browser(client).get("/login", headers).status == .seeOther)
        }
    }

    @Test("AR-07 images, frames and scripts start no login", arguments: ["image", "iframe", "script", "empty"])
    func embeddedLogin(destination: String) async throws {
        try await Site.inMemory { _, client in
            let mode = destination == "iframe" ? "navigate" : "no-cors"
            let response = try await Browser(client).get(
                "/login",
                [.secFetchSite: "cross-site", .secFetchMode: mode, .secFetchDest: destination]
            )
            #expect(response.status == .forbidden)
            #expect(response.cookies.isEmpty)
        }
    }

    @Test("AR-08 AR-10 PR-23 parameters of the authorization request can't be chosen from outside")
    func foreignParameters() async throws {
        try await Site.inMemory { site, client in
            let evil = "scope=openid+admin&client_id=x&redirect_uri=https://evil/&acr_values=0&state=abc&prompt=none"
            let response = try await Browser(client).get("/login?" + evil)
            #expect(response.status == .seeOther)
            #expect(response.headers[.cacheControl] == "no-store")
            let location = try #require(response.location)
            #expect(throws: Never.self) { try site.provider.authorize(location) }
            #expect(!location.contains("evil") && !location.contains("admin") && !location.contains("prompt"))
        }
    }

    @Test("A login at a provider that is not there is a 404", arguments: ["nobody", "main&provider=main", ""])
    func unknownProvider(name: String) async throws {
        try await Site.inMemory { _, client in
            let response = try await Browser(client).get("/login?provider=" + name, [.accept: "application/json"])
            #expect(response.status == .notFound)
            #expect(response.json["error"] == "unknown_provider")
        }
    }

    @Test("Each of two providers signs in its own users")
    func twoProviders() async throws {
        let other = ScriptedProvider(issuer: "https://other.example")
        try await Site.run { options in
            options.providers.append(other)
        } _: { site, client in
            let browser = Browser(client)
            let start = try await browser.get("/")
            #expect(start.text.contains("/login?provider=main") && start.text.contains("/login?provider=other1"))
            try await browser.signIn(other, as: .mallory, login: "/login?provider=other1")
            #expect(try await browser.whoAmI() == "mallory-1")
            let session = try await browser.get("/session", [.accept: "application/json"])
            #expect(session.json["issuer"] == "https://other.example")
            #expect(site.provider.requests(to: .token).isEmpty)
        }
    }

    @Test("Claims of userinfo are in the session when it is asked")
    func userInfo() async throws {
        try await Site.run { options in
            options.configure = { $0.usesUserInfo = true }
        } _: { site, client in
            site.provider.misbehave(.userInfoClaim("groups", ["staff", "admins"]))
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            #expect(site.provider.requests(to: .userInfo).count == 1)
            let session = try await browser.get("/session", [.accept: "application/json"])
            #expect(session.jsonObject["roles"] as? [String] == ["staff", "admins"])
        }
    }

    @Test(
        "CF-02 CF-03 CF-04 CF-10 CF-11 CF-14 CF-16 CF-30 a provider whose answer is wrong signs nobody in",
        arguments: [
            Misbehaviour.idTokenClaim("iss", "https://evil.example"), .idTokenClaim("sub", nil),
            .idTokenClaimAppends("aud", "1"), .idTokenSignature(.unsigned), .idTokenSignature(.broken),
            .idTokenClaimAppends("nonce", "1"), .userInfoClaim("sub", "mallory-1"),
            .answer(.token, .json(["access_token": "x", "token_type": "Bearer"])),
        ]
    )
    func wrongAnswers(misbehaviour: Misbehaviour) async throws {
        try await Site.inMemory { options in
            options.configure = { $0.usesUserInfo = true }
        } _: { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider, login: "/login?return_to=/wanted")
            site.provider.misbehave(misbehaviour)
            let response = try await browser.get("/callback?" + answer.query)
            #expect(response.status == .badGateway)
            #expect(response.cookie(Site.sessionCookie) == nil)
            #expect(response.text.contains("href=\"/login?return_to=/wanted&amp;provider=main\""))
            #expect(try await browser.whoAmI() == nil)
        }
    }

    @Test("CF-30 CF-28 a provider whose metadata is another's stops before the redirect")
    func wrongMetadata() async throws {
        try await Site.inMemory { site, client in
            site.provider.misbehave(.metadata("issuer", "https://evil.example"))
            let response = try await Browser(client).get("/login")
            #expect(response.status == .badGateway)
            #expect(response.location == nil && response.cookies.isEmpty)
        }
    }

    @Test("CF-34 CF-35 keys that change between login and callback are fetched again")
    func rotatedKeys() async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let answer = try await browser.visitProvider(site.provider)
            site.provider.rotateKeys()
            let response = try await browser.get("/callback?" + answer.query)
            #expect(response.status == .seeOther)
        }
    }

    @Test(
        "A provider that hangs or is down is 504 or 502 with a way to try again",
        arguments: [
            (RecordedRequest.Endpoint.discovery, HTTPTransportError.Code.timedOut, 504),
            (.discovery, .notConnected, 502), (.token, .timedOut, 504), (.token, .connectionLost, 502),
            (.keys, .notConnected, 502),
        ]
    )
    func providerDown(endpoint: RecordedRequest.Endpoint, failure: HTTPTransportError.Code, status: Int) async throws {
        let clock = ManualClock()
        try await Site.inMemory { options in
            options.clock = clock
            options.providers = [ScriptedProvider(clock: clock)]
        } _: { site, client in
            let browser = Browser(client)
            var query = ""
            if endpoint != .discovery { query = try await browser.visitProvider(site.provider).query }
            site.provider.misbehave(.failure(endpoint, failure))
            let response = try await browser.get(endpoint == .discovery ? "/login" : "/callback?" + query)
            #expect(response.status.code == status)
            #expect(response.text.contains("href=\"/login"))
            site.provider.misbehave()
            // The relying party leaves a provider alone for a moment after a failure.
            clock.advance(by: .seconds(60))
            try await browser.signIn(site.provider)
        }
    }
}
