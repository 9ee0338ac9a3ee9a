import HTTPTypes
import HummingbirdTesting
import Testing

@testable import DevelopmentProvider

@Suite struct AuthorizationTests {
    @Test("discovery names what is there, and the issuer letter for letter")
    func discovery() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let text = try await browser.get("/.well-known/openid-configuration").text
            for part in [
                #""issuer":"http://127.0.0.1:9""#, #""token_endpoint":"http://127.0.0.1:9/token""#,
                #""code_challenge_methods_supported":["S256"]"#,
                #""authorization_response_iss_parameter_supported":true"#,
            ] { #expect(text.contains(part)) }
        }
    }

    @Test(
        "an application that can't be trusted with an answer gets none",
        arguments: [
            ["client_id": "nobody"], ["client_id": ""], ["redirect_uri": ""],
            ["redirect_uri": "http://127.0.0.1:8080/callback/"], ["redirect_uri": "http://127.0.0.1:8080/Callback"],
            ["redirect_uri": "http://evil.example/callback"], ["redirect_uri": "http://127.0.0.1:8090/cb"],
        ]
    )
    func pageRefusals(changes: [String: String]) async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let response = try await browser.get("/authorize", TestBrowser.authorization(changes))
            #expect(response.status == .badRequest)
            #expect(response.headers[.location] == nil)
        }
    }

    @Test(
        "what is wrong with a request is told to the application, with state and iss",
        arguments: [
            (["response_type": "token"], "unsupported_response_type"),
            (["response_type": ""], "unsupported_response_type"),
            (["scope": "profile"], "invalid_scope"), (["scope": ""], "invalid_scope"),
            (["code_challenge": ""], "invalid_request"), (["code_challenge_method": "plain"], "invalid_request"),
            (["code_challenge_method": ""], "invalid_request"), (["code_challenge": "short"], "invalid_request"),
            (["response_mode": "fragment"], "invalid_request"), (["prompt": "none login"], "invalid_request"),
            (["max_age": "-1"], "invalid_request"), (["max_age": "soon"], "invalid_request"),
            (["request": "x"], "request_not_supported"), (["request_uri": "x"], "request_uri_not_supported"),
            (["prompt": "none"], "login_required"),
        ]
    )
    func answeredRefusals(changes: [String: String], error: String) async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let response = try await browser.get("/authorize", TestBrowser.authorization(changes))
            let answer = try #require(response.redirect)
            #expect(answer["error"] == error)
            #expect(answer["state"] == "st&te")
            #expect(answer["iss"] == ProviderHarness.issuer)
            #expect(answer["code"] == nil)
        }
    }

    @Test("a parameter that comes twice is refused on a page", arguments: ["state", "redirect_uri", "client_id"])
    func repeated(name: String) async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let response = try await browser.get("/authorize?\(name)=a&\(name)=b")
            #expect(response.status == .badRequest)
        }
    }

    @Test("the page offers everybody and a way out, and shows names as text")
    func page() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let changes = ["client_id": "phone", "redirect_uri": "http://127.0.0.1:8090/cb"]
            let response = try await browser.get("/authorize", TestBrowser.authorization(changes))
            for user in DevelopmentUser.examples { #expect(response.text.contains("value=\"\(user.subject)\"")) }
            #expect(response.text.contains("name=\"deny\""))
            #expect(response.text.contains("Phone &lt;b&gt;&amp;&quot;&#39;"))
            #expect(!response.text.contains("<b>"))
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(response.headers[.contentSecurityPolicy]?.contains("frame-ancestors 'none'") == true)
        }
    }

    @Test("whoever denies goes back with access_denied")
    func denied() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let answer = try #require(try await browser.answerConsent(["deny": "yes", "user": "user-ada"]).redirect)
            #expect(answer["error"] == "access_denied")
            #expect(answer["state"] == "st&te")
        }
    }

    @Test("a page is answered once, in time, and by the browser that saw it")
    func questions() async throws {
        try await ProviderHarness.withProvider { browser, harness in
            let page = try await browser.get("/authorize", TestBrowser.authorization())
            let answer = ["question": try #require(page.question), "user": "user-ada"]
            let stranger = browser.stranger()
            #expect(try await stranger.post("/consent", answer).status == .badRequest)
            _ = try await stranger.get("/authorize", TestBrowser.authorization())
            #expect(try await stranger.post("/consent", answer).status == .badRequest)
            #expect(try await browser.post("/consent", answer).status == .seeOther)
            #expect(try await browser.post("/consent", answer).status == .badRequest)

            let late = try await browser.get("/authorize", TestBrowser.authorization())
            harness.clock.advance(by: .seconds(900))
            let lateAnswer = ["question": try #require(late.question), "user": "user-ada"]
            #expect(try await browser.post("/consent", lateAnswer).status == .badRequest)
        }
    }

    @Test("a sign-out page's question is no consent")
    func questionKinds() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let question = try #require(try await browser.get("/end-session").question)
            let answer = ["question": question, "user": "user-ada"]
            #expect(try await browser.post("/consent", answer).status == .badRequest)
        }
    }

    @Test("prompt=none answers from the session, for applications that were allowed, within max_age")
    func silent() async throws {
        try await ProviderHarness.withProvider { browser, harness in
            _ = try await browser.code(user: "user-grace")
            let silent = TestBrowser.authorization(["prompt": "none"])
            #expect(try await browser.get("/authorize", silent).redirect?["code"] != nil)

            let other = ["prompt": "none", "client_id": "phone", "redirect_uri": "http://127.0.0.1:8090/cb"]
            let refused = try await browser.get("/authorize", TestBrowser.authorization(other)).redirect
            #expect(refused?["error"] == "consent_required")

            harness.clock.advance(by: .seconds(61))
            let aged = TestBrowser.authorization(["prompt": "none", "max_age": "60"])
            #expect(try await browser.get("/authorize", aged).redirect?["error"] == "login_required")
            harness.clock.advance(by: .seconds(8 * 3600))
            #expect(try await browser.get("/authorize", silent).redirect?["error"] == "login_required")
        }
    }

    @Test("form_post carries the answer in a form, and a registered query stays")
    func answerForms() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let posted = try await browser.answerConsent(["user": "user-ada"], to: ["response_mode": "form_post"])
            #expect(posted.status == .ok)
            #expect(posted.text.contains("action=\"\(ProviderHarness.redirectURI)\""))
            #expect(posted.text.contains("name=\"state\" value=\"st&amp;te\""))
            #expect(posted.headers[.contentSecurityPolicy]?.contains("script-src 'sha256-") == true)

            let uri = "http://127.0.0.1:8080/callback?tenant=a"
            let redirected = try await browser.answerConsent(["user": "user-ada"], to: ["redirect_uri": uri])
            #expect(redirected.headers[.location]?.hasPrefix(uri + "&code=") == true)
        }
    }
}
