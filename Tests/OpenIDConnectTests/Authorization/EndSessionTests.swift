import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Logout at the provider")
struct EndSessionTests {
    @Test("CI-13 CL-01 the provider accepts the request and sends the browser back")
    func completes() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider)
        let tokens = try await browser.login().tokens
        let request = try await browser.relyingParty.endSessionRequest(
            idTokenHint: tokens.idToken,
            state: Secret("s t&a")
        )
        let url = try #require(request)
        let form = WireForm.ofQuery(url)
        #expect(form.fields.map(\.name) == ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"])
        #expect(try provider.endSession(url) == "https://app.example/logged-out?state=s%20t%26a")
    }

    @Test("Without a hint the client id tells the provider who asks")
    func withoutHint() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider) { $0.postLogoutRedirectURI = nil }
        let url = try #require(try await browser.relyingParty.endSessionRequest(idTokenHint: nil, state: Secret("s")))
        #expect(WireForm.ofQuery(url).fields.map(\.name) == ["client_id"])
        #expect(try provider.endSession(url) == nil)
    }

    @Test("A hint that would make the URL too long is left out")
    func longHint() async throws {
        let relyingParty = try ScriptedProvider().relyingParty()
        let hint = Secret(String(repeating: "h", count: 4097))
        let url = try #require(try await relyingParty.endSessionRequest(idTokenHint: hint, state: nil))
        #expect(WireForm.ofQuery(url)["id_token_hint"] == nil)
    }

    @Test("A provider without such an endpoint has no URL")
    func noEndpoint() async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.metadata("end_session_endpoint", nil))
        #expect(try await provider.relyingParty().endSessionRequest(idTokenHint: nil, state: nil) == nil)
    }

    @Test(
        "An endpoint whose own query sets what the request sets is not used",
        arguments: [
            "client_id=other", "x=1&id_token_hint=", "st%61te=1", "post_logout_redirect_uri=https://evil.example",
        ]
    )
    func repeatedParameters(_ query: String) async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.metadata("end_session_endpoint", .string("https://op.example/end-session?" + query)))
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await provider.relyingParty().endSessionRequest(idTokenHint: Secret("h"), state: Secret("s"))
        }
        #expect(error?.code == .metadataInvalid)
    }

    @Test("The endpoint's own query stays")
    func ownQuery() async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.metadata("end_session_endpoint", "https://op.example/end-session?realm=a%20b"))
        let url = try #require(try await provider.relyingParty().endSessionRequest(idTokenHint: nil, state: nil))
        #expect(url.hasPrefix("https://op.example/end-session?realm=a%20b&client_id="))
    }
}
