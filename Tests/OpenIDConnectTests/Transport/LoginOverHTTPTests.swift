import OpenIDConnect
import OpenIDConnectTransport
import ScriptedProvider
import Synchronization
import Testing

@Suite("A login over HTTP")
struct LoginOverHTTPTests {
    /// A provider on a port, and a relying party that reaches it by the real transport.
    private func withBrowser(
        _ client: ScriptedClient = ScriptedClient(),
        patience: (@Sendable (HTTPTransportRequest) -> Duration?)? = nil,
        pushing: PushedAuthorization = .automatic,
        _ body: (Browser) async throws -> Void
    ) async throws {
        try await ScriptedListener.with { issuer in
            ScriptedProvider(issuer: issuer, client: client)
        } _: { provider in
            try await HTTPClientTransport.withTransport { transport in
                let relyingParty = RelyingParty(
                    configuration: try provider.configuration {
                        $0.requestTimeout = .seconds(60)
                        $0.pushedAuthorization = pushing
                    },
                    transport: PatientTransport(base: transport, patience: patience),
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
        let isHanging = Mutex(false)
        // Only what is never answered is waited for by the clock, and by then its connection is open.
        let patience: @Sendable (HTTPTransportRequest) -> Duration? = { request in
            request.url.hasSuffix("/token") && code == .timedOut && isHanging.withLock { $0 } ? .seconds(5) : nil
        }
        try await withBrowser(patience: patience) { browser in
            try await browser.login()
            isHanging.withLock { $0 = true }
            browser.provider.forgetRequests()
            browser.provider.misbehave(.failure(.token, code))
            #expect(await browser.loginError()?.code == .providerUnavailable)
            #expect(browser.provider.requests(to: .token).count == 1)
            #expect(browser.provider.requests(to: .userInfo).isEmpty)
        }
    }

    @Test("Forty logins at an endpoint for pushed requests that hangs leave a callback its connection")
    func hangingPushes() async throws {
        try await withBrowser(pushing: .always) { browser in
            let request = try await browser.relyingParty.authorizationRequest()
            let query = try browser.provider.authorize(request.url).query
            browser.provider.forgetRequests()
            let gate = browser.provider.hold(.pushedRequest)
            try await withThrowingTaskGroup(of: OpenIDConnectError?.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        do {
                            _ = try await browser.relyingParty.authorizationRequest()
                            return nil
                        } catch let error as OpenIDConnectError {
                            return error
                        }
                    }
                }
                // While the others hang, which they would do for a minute.
                for _ in 0..<32 {
                    let error = try #require(try await group.next() ?? nil)
                    #expect(error.code == .tooManyPushedRequests && error.retryAfter == .seconds(2))
                }
                try await gate.arrived(8)
                #expect(try await browser.exchange(query, for: request).claims.subject == "alice-1")
                #expect(browser.provider.requests(to: .pushedRequest).count == 8)
                gate.open()
                for try await error in group { #expect(error == nil) }
            }
            _ = try await browser.relyingParty.authorizationRequest()
        }
    }
}

/// A transport that waits for some answers less long than it is asked to.
private struct PatientTransport: HTTPTransport {
    let base: any HTTPTransport
    let patience: (@Sendable (HTTPTransportRequest) -> Duration?)?

    func send(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse {
        var request = request
        if let limit = patience?(request) { request.timeout = limit }
        return try await base.send(request)
    }
}
