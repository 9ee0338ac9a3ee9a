import HTTPTypes
import HummingbirdTesting
import Testing

@testable import DevelopmentProvider

@Suite struct EndSessionTests {
    @Test("sign-out is confirmed, ends session and grants, and goes back with state")
    func signOut() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let tokens = try await browser.tokens()
            let page = try await browser.get(
                "/end-session",
                [
                    "id_token_hint": tokens.idToken, "post_logout_redirect_uri": ProviderHarness.signedOutURI,
                    "state": "b&ck",
                ]
            )
            #expect(page.text.contains("Ada Lovelace"))
            #expect(try await browser.get("/authorize", silent).redirect?["code"] != nil)
            let question = try #require(page.question)
            let done = try await browser.post("/sign-out", ["question": question, "confirm": "yes"])
            #expect(done.headers[.location] == ProviderHarness.signedOutURI + "?state=b%26ck")
            #expect(try await browser.get("/authorize", silent).redirect?["error"] == "login_required")
            #expect(try await browser.refresh(tokens.refreshToken).errorCode == "invalid_grant")
        }
    }

    @Test("whoever says no stays signed in")
    func stay() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let tokens = try await browser.tokens()
            let page = try await browser.get("/end-session", ["id_token_hint": tokens.idToken])
            let answer = ["question": try #require(page.question), "confirm": "no"]
            #expect(try await browser.post("/sign-out", answer).status == .ok)
            #expect(try await browser.refresh(tokens.refreshToken).status == .ok)
        }
    }

    @Test("another site can't answer the confirmation")
    func strangers() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let tokens = try await browser.tokens()
            let page = try await browser.get("/end-session", ["id_token_hint": tokens.idToken])
            let answer = ["question": try #require(page.question), "confirm": "yes"]
            #expect(try await browser.stranger().post("/sign-out", answer).status == .badRequest)
            #expect(try await browser.refresh(tokens.refreshToken).status == .ok)
        }
    }

    @Test("offline_access outlives the sign-out")
    func offline() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let tokens = try await browser.tokens(["scope": "openid offline_access"])
            let page = try await browser.get("/end-session", ["id_token_hint": tokens.idToken])
            let answer = ["question": try #require(page.question), "confirm": "yes"]
            #expect(try await browser.post("/sign-out", answer).text.contains("You are signed out"))
            #expect(try await browser.refresh(tokens.refreshToken).status == .ok)
        }
    }

    @Test(
        "a request that does not fit is told on a page",
        arguments: [
            ["post_logout_redirect_uri": "http://evil.example/", "client_id": "app"],
            ["post_logout_redirect_uri": ProviderHarness.signedOutURI], ["client_id": "nobody"],
            ["post_logout_redirect_uri": ProviderHarness.signedOutURI, "client_id": "phone"],
            ["id_token_hint": "a.b.c"],
        ]
    )
    func refusals(parameters: [String: String]) async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let response = try await browser.get("/end-session", parameters)
            #expect(response.status == .badRequest)
            #expect(response.headers[.location] == nil)
        }
    }

    @Test("the hint of one application does not speak for another, and an access token is no hint")
    func hints() async throws {
        try await ProviderHarness.withProvider { browser, harness in
            let tokens = try await browser.tokens()
            let other = ["id_token_hint": tokens.idToken, "client_id": "phone"]
            #expect(try await browser.get("/end-session", other).status == .badRequest)
            let access = ["id_token_hint": tokens.accessToken]
            #expect(try await browser.get("/end-session", access).status == .badRequest)
            // RP-Initiated Logout 1.0, section 2: an old token is a hint still.
            harness.clock.advance(by: .seconds(24 * 3600))
            #expect(try await browser.get("/end-session", ["id_token_hint": tokens.idToken]).status == .ok)
        }
    }

    private var silent: [String: String] { TestBrowser.authorization(["prompt": "none"]) }
}
