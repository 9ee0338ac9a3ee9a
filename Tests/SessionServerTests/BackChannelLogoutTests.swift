import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import LoginFlow
import NIOCore
import OpenIDConnect
import PostgresPipeline
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import TestSupport
import Testing

@Suite("Back-channel logout")
struct BackChannelLogoutTests {
    private static let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]

    private func post(
        _ token: String,
        _ client: any TestClientProtocol,
        more: String = "",
        headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        let body = "logout_token=" + token + more
        return try await Operator(client: client).send(
            .post,
            "/backchannel-logout",
            Self.form.merging(headers),
            body: body,
            type: nil
        )
    }

    @Test("CL-04 BC-18 a logout token is answered 200, no-store, without a cookie, and the session is over")
    func accepted() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let token = try site.provider.logoutToken(["extra": "claim"])
            let response = try await post(token, client, more: "&extra=field", headers: [.accept: "text/html"])
            #expect(response.status == .ok)
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(response.headers[.contentType] == "application/json")
            #expect(response.cookies.isEmpty)
            #expect(try await browser.whoAmI() == nil)
        }
    }

    @Test("CL-04 BC-12 it is 200 as well when the session is over already, or was never here")
    func alreadyOver() async throws {
        try await Site.run { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            #expect(try await browser.post("/logout").status == .seeOther)
            #expect(try await post(try site.provider.logoutToken(), client).status == .ok)
            let nobody = try site.provider.logoutToken(["sub": "nobody", "sid": "nothing"])
            #expect(try await post(nobody, client).status == .ok)
        }
    }

    @Test(
        "CL-05 CL-06 CL-07 CL-08 CL-09 CL-10 CL-11 BC-05 BC-07 what is wrong with a token is answered 400",
        arguments: 0..<10
    )
    func refused(index: Int) async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let provider = site.provider
            let tokens: [() throws -> String] = [
                { try provider.logoutToken(fault: .unsigned) },
                { try provider.logoutToken(fault: .hmacWithClientSecret) },
                { try provider.logoutToken(["aud": "client-11"]) },
                { try provider.logoutToken(["iss": "https://other.example"]) },
                { try provider.logoutToken(["events": ["http://schemas.openid.net/event/foobar": [:]]]) },
                { try provider.logoutToken(["events": nil]) },
                { try provider.logoutToken(["nonce": "n"]) },
                { try provider.logoutToken(["sub": nil, "sid": nil]) },
                { try provider.logoutToken(["exp": 1]) },
                { "no.token.atall" },
            ]
            let response = try await post(try tokens[index](), client)
            #expect(response.status == .badRequest)
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(response.json["error"] == "invalid_request")
            #expect(response.json["error_description"] != nil)
            #expect(try await browser.whoAmI() == "alice-1")
        }
    }

    @Test(
        "BC-01 a request of another form is answered 400 or 405",
        arguments: [
            ("GET", "application/x-www-form-urlencoded", "", 405),
            ("PUT", "application/x-www-form-urlencoded", "", 405),
            ("DELETE", "", "", 405), ("POST", "application/json", "{\"logout_token\":\"$\"}", 400),
            ("POST", "", "logout_token=$", 400), ("POST", "text/plain", "logout_token=$", 400),
            ("POST", "application/x-www-form-urlencoded", "", 400),
            ("POST", "application/x-www-form-urlencoded", "token=$", 400),
            ("POST", "application/x-www-form-urlencoded", "logout_token=", 400),
            ("POST", "application/x-www-form-urlencoded", "logout_token=$&logout_token=$", 400),
            ("POST", "application/x-www-form-urlencoded", "logout_token=$&x=%zz", 400),
            ("POST", "multipart/form-data; boundary=x", "logout_token=$", 400),
        ]
    )
    func form(method: String, type: String, body: String, status: Int) async throws {
        try await Site.inMemory { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let token = try site.provider.logoutToken()
            let response = try await Operator(client: client).send(
                try #require(HTTPRequest.Method(method)),
                "/backchannel-logout?logout_token=" + token,
                type.isEmpty ? [:] : [.contentType: type],
                body: body.replacingOccurrences(of: "$", with: token),
                type: nil
            )
            #expect(response.status.code == status)
            #expect(try await browser.whoAmI() == "alice-1")
        }
    }

    @Test("BC-01 a body, a head or an address that is too large is answered 400", arguments: 0..<3)
    func tooLarge(index: Int) async throws {
        try await Site.inMemory { site, client in
            let large = String(repeating: "x", count: 33 * 1024)
            let response = try await Operator(client: client).send(
                .post,
                "/backchannel-logout" + (index == 0 ? "?" + large : ""),
                Self.form.merging(index == 1 ? [.known("X-Large"): large] : [:]),
                body: "logout_token=" + (index == 2 ? large : "x"),
                type: nil
            )
            #expect(response.status == .badRequest)
        }
    }

    @Test("BC-02 BC-09 BC-11 PS-21 a token about a user ends all of the user's sessions, and nobody else's")
    func bySubject() async throws {
        let providers = [
            ScriptedProvider(), ScriptedProvider(issuer: "https://other.example"),
        ]
        try await Site.run {
            $0.providers = providers
        } _: { site, client in
            let own = [Browser(client), Browser(client), Browser(client)]
            for browser in own { try await browser.signIn(site.provider) }
            let (mallory, elsewhere) = (Browser(client), Browser(client))
            try await mallory.signIn(site.provider, as: .mallory)
            try await elsewhere.signIn(providers[1], login: "/login?provider=other1")
            let token = try site.provider.logoutToken(["sid": nil])
            #expect(try await post(token, client).status == .ok)
            for browser in own { #expect(try await browser.whoAmI() == nil) }
            #expect(try await mallory.whoAmI() == "mallory-1")
            #expect(try await elsewhere.whoAmI() == "alice-1", "the same sub and sid at another issuer")
        }
    }

    @Test("BC-03 BC-04 a token about a session ends that one, and none if it is another user's")
    func bySession() async throws {
        try await Site.run { site, client in
            let (first, second) = (Browser(client), Browser(client))
            site.provider.misbehave(.idTokenClaim("sid", "one"))
            try await first.signIn(site.provider)
            site.provider.misbehave(.idTokenClaim("sid", "two"))
            try await second.signIn(site.provider)
            let wrong = try site.provider.logoutToken(["sub": "mallory-1", "sid": "two"])
            #expect(try await post(wrong, client).status == .badRequest)
            #expect(try await second.whoAmI() == "alice-1")
            let both = try site.provider.logoutToken(["sid": "two"])
            #expect(try await post(both, client).status == .ok)
            #expect(try await second.whoAmI() == nil)
            #expect(try await first.whoAmI() == "alice-1")
            let one = try site.provider.logoutToken(["sub": nil, "sid": "one"])
            #expect(try await post(one, client).status == .ok)
            #expect(try await first.whoAmI() == nil)
        }
    }

    @Test("BC-10 a token that comes again, or late, ends no session that began since")
    func replay() async throws {
        let clock = ManualClock(Date())
        try await Site.run {
            $0.clock = clock
            $0.providers = [ScriptedProvider(clock: clock)]
        } _: { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            // About the user: a session that is named is over for good.
            let token = try site.provider.logoutToken(["sid": nil])
            let late = try site.provider.logoutToken(["sid": nil])
            #expect(try await post(token, client).status == .ok)
            #expect(try await browser.whoAmI() == nil)
            clock.advance(by: .seconds(1))
            try await browser.signIn(site.provider)
            for again in [token, late] {
                #expect(try await post(again, client).status == .ok)
                #expect(try await browser.whoAmI() == "alice-1")
            }
        }
    }

    @Test("BC-13 with the database gone it is 400, not 200, and the session lives until the provider sends it again")
    func outage() async throws {
        let rename = PostgresStatement("ALTER TABLE logout_tokens RENAME TO lost", parameters: [])
        let restore = PostgresStatement("ALTER TABLE lost RENAME TO logout_tokens", parameters: [])
        try await TestDatabase.shared.withClient { database in
            let site = try Site(store: try Site.store(database), Site.Options())
            try await site.application.application.test(.router) { client in
                let browser = Browser(client)
                try await browser.signIn(site.provider)
                let token = try site.provider.logoutToken()
                try await database.write(rename)
                let response = try await post(token, client)
                #expect(response.status == .badRequest)
                #expect(response.json["error"] == "internal_error")
                try await database.write(restore)
                #expect(try await browser.whoAmI() == "alice-1")
                #expect(try await post(token, client).status == .ok)
                #expect(try await browser.whoAmI() == nil)
            }
        }
    }

    @Test("BC-13 with the provider's keys out of reach it is 400, and can be sent again")
    func keysOutage() async throws {
        try await Site.inMemory { site, client in
            site.provider.misbehave(.failure(.keys, .notConnected))
            let token = try site.provider.logoutToken()
            let response = try await post(token, client)
            #expect(response.status == .badRequest)
            #expect(response.json["error"] == "provider_unavailable")
        }
    }

    @Test("BC-19 a callback whose tokens came before the logout signs nobody in, and its tokens are taken back")
    func duringCallback() async throws {
        try await Site.run {
            $0.configure = { $0.usesUserInfo = true }
        } _: { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            let gate = site.provider.hold(.userInfo)
            async let callback = browser.get("/callback?" + answer.query)
            try await gate.arrived()
            #expect(try await post(try site.provider.logoutToken(), client).status == .ok)
            gate.open()
            let response = try await callback
            #expect(response.status == .forbidden)
            #expect(response.text.contains("signed out at the sign-in provider"))
            #expect(response.cookie(Site.sessionCookie) == nil)
            await site.flow.refresher.finishRevocations()
            let tokens = site.provider.requests(to: .revocation).compactMap { $0.form["token_type_hint"] }
            #expect(tokens == ["refresh_token"])
        }
    }

    @Test("BC-16 tokens of what is ended are taken back, but for offline access", arguments: [false, true])
    func revocation(isOffline: Bool) async throws {
        try await Site.run {
            $0.configure = { if isOffline { $0.scopes = ["openid", "offline_access"] } }
        } _: { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            #expect(try await post(try site.provider.logoutToken(), client).status == .ok)
            await site.flow.refresher.finishRevocations()
            let tokens = site.provider.requests(to: .revocation).compactMap { $0.form["token_type_hint"] }
            #expect(tokens == (isOffline ? [] : ["refresh_token"]))
        }
    }

    @Test("RV-03 BC-17 a flood of tokens of unknown keys asks the provider for its keys a few times at most")
    func flood() async throws {
        // Time stands still: they are asked for once in a while.
        let clock = ManualClock(Date())
        try await Site.inMemory {
            $0.clock = clock
            $0.providers = [ScriptedProvider(clock: clock)]
        } _: { site, client in
            for _ in 0..<100 {
                let token = try site.provider.logoutToken(key: ScriptedKey())
                #expect(try await post(token, client).status == .badRequest)
            }
            #expect(site.provider.requests(to: .keys).count <= 2)
        }
    }

    @Test("SS-18 another tenant's sessions are none of this provider's business")
    func tenants() async throws {
        try await TestDatabase.shared.withClient { database in
            let store = try Site.store(database)
            var options = Site.Options()
            options.policy.tenantID = "a"
            let (provider, first) = (options.providers[0], try Site(store: store, options))
            options.policy.tenantID = "b"
            let second = try Site(store: store, options)
            try await first.application.application.test(.router) { left in
                try await second.application.application.test(.router) { right in
                    let (one, two) = (Browser(left), Browser(right))
                    try await one.signIn(provider)
                    try await two.signIn(provider)
                    #expect(try await post(try provider.logoutToken(), left).status == .ok)
                    #expect(try await one.whoAmI() == nil)
                    #expect(try await two.whoAmI() == "alice-1")
                }
            }
        }
    }
}
