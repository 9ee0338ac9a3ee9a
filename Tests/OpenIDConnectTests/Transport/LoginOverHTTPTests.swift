import OpenIDConnect
import OpenIDConnectTransport
import ScriptedProvider
import Testing

@Suite("A login over HTTP")
struct LoginOverHTTPTests {
    /// A provider on a port, and a relying party that reaches it by the real transport.
    private func withBrowser(
        _ client: ScriptedClient = ScriptedClient(),
        timeout: Duration = .seconds(20),
        _ body: (Browser) async throws -> Void
    ) async throws {
        try await ScriptedListener.with { issuer in
            ScriptedProvider(issuer: issuer, client: client)
        } _: { provider in
            try await HTTPClientTransport.withTransport { transport in
                let relyingParty = RelyingParty(
                    configuration: try provider.configuration { $0.requestTimeout = timeout },
                    transport: transport,
                    logger: .silent
                )
                try await body(Browser(provider: provider, relyingParty: relyingParty))
            }
        }
    }

    @Test(
        "CF-01 CF-18 CF-36 login, userinfo and refresh work on the wire as they do in process",
        arguments: ["client_secret_basic", "client_secret_post", "none"]
    )
    func login(_ method: String) async throws {
        var client = ScriptedClient()
        client.authenticationMethod = method
        client.secret = "s:%+ é"
        try await withBrowser(client) { browser in
            let (tokens, userInfo) = try await browser.login()
            #expect(userInfo.profile["name"] == "Alice")
            let refreshed = try await browser.relyingParty.refresh(
                try #require(tokens.refreshToken),
                of: RefreshableLogin(issuer: browser.provider.issuer, subject: "alice-1")
            )
            #expect(refreshed.claims?.subject == "alice-1")

            browser.provider.rotateKeys(to: [ScriptedKey("RS256", kid: "next")])
            try await browser.login(as: .mallory)
            #expect(browser.provider.requests(to: .stray).isEmpty)
        }
    }

    @Test(
        "RO-01 RO-04 RO-12 a token endpoint that hangs, breaks off or never ends is asked once",
        arguments: [HTTPTransportError.Code.timedOut, .connectionLost, .responseTooLarge]
    )
    func brokenAnswers(_ code: HTTPTransportError.Code) async throws {
        try await withBrowser(timeout: .seconds(3)) { browser in
            // Everything else is at hand before the clock counts.
            try await browser.login()
            browser.provider.forgetRequests()
            browser.provider.misbehave(.failure(.token, code))
            #expect(await browser.loginError()?.code == .providerUnavailable)
            #expect(browser.provider.requests(to: .token).count == 1)
            #expect(browser.provider.requests(to: .userInfo).isEmpty)
        }
    }
}
