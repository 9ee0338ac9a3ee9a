import OpenIDConnect
import ScriptedProvider
import Testing

@Suite("Discovery")
struct DiscoveryTests {
    @Test("CF-28 CF-29 the endpoints are those of the metadata, wherever they are")
    func fetched() async throws {
        let provider = ScriptedProvider()
        provider.moveKeys(to: "/keys/a7f3")
        try await Browser(provider).login()
        #expect(
            provider.requests(to: .discovery).map(\.request.url) == [
                "https://op.example/.well-known/openid-configuration"
            ]
        )
        #expect(provider.requests(to: .keys).map(\.request.url) == ["https://op.example/keys/a7f3"])
        #expect(provider.requests(to: .stray).isEmpty)
    }

    @Test(
        "CF-30 FA-03 DJ-01 metadata of another issuer stops the login before it starts",
        arguments: [
            "https://evil.example", "https://op.example/", "https://OP.example", "https://op.example:443", nil,
            ["https://op.example"], "https://op.exampl\u{65}\u{301}",
        ] as [JSONValue?]
    )
    func issuerMismatch(_ issuer: JSONValue?) async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.metadata("issuer", issuer))
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await provider.relyingParty().authorizationRequest()
        }
        #expect(error?.code == .metadataIssuerMismatch)
        #expect(provider.requests.map(\.endpoint) == [.discovery])
    }

    @Test("DJ-01 the last good metadata stays in use when the provider serves another issuer's")
    func keepsGoodMetadata() async throws {
        let clock = ManualClock()
        let provider = ScriptedProvider(clock: clock)
        let relyingParty = try provider.relyingParty()
        let good = try await relyingParty.metadata()
        clock.advance(by: .seconds(3601))
        provider.misbehave(
            .metadata("issuer", "https://evil.example"),
            .metadata("token_endpoint", "https://evil.example/t")
        )
        #expect(try await relyingParty.metadata() == good)
        #expect(provider.requests(to: .discovery).count == 2)
    }

    @Test(
        "DJ-02 one slash at the end of the issuer is removed before the well-known path",
        arguments: ["https://op.example/realm/", "https://op.example/", "https://op.example/a//"]
    )
    func trailingSlash(_ issuer: String) async throws {
        let provider = ScriptedProvider(issuer: issuer)
        let metadata = try await provider.relyingParty().metadata()
        #expect(metadata.issuer == issuer)
        #expect(
            provider.requests.map(\.request.url) == [issuer.dropLast() + "/.well-known/openid-configuration"]
        )
    }

    @Test("DJ-03 an answer that is no discovery document is refused", arguments: badAnswerCases)
    func badAnswers(_ answer: BadAnswer) async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.answer(.discovery, answer.response))
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await provider.relyingParty().authorizationRequest()
        }
        #expect(error?.code == answer.code)
        #expect(provider.requests.map(\.endpoint) == [.discovery])
    }

    struct BadAnswer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let response: HTTPTransportResponse
        var code = OpenIDConnectError.Code.metadataInvalid
    }

    private static let document = Array(#"{"issuer":"https://op.example"}"#.utf8)

    static let badAnswerCases = [
        BadAnswer(
            testDescription: "a redirect",
            response: .init(status: 301, headers: [("Location", "https://evil.example/")])
        ),
        BadAnswer(
            testDescription: "JSON that is called HTML",
            response: .init(status: 200, headers: [("Content-Type", "text/html")], body: document)
        ),
        BadAnswer(testDescription: "no content type", response: .init(status: 200, body: document)),
        BadAnswer(testDescription: "a list", response: .json([])),
        BadAnswer(testDescription: "no endpoints", response: .json(["issuer": "https://op.example"])),
        BadAnswer(testDescription: "404", response: .init(status: 404)),
        BadAnswer(testDescription: "503", response: .init(status: 503), code: .providerUnavailable),
        BadAnswer(testDescription: "429", response: .init(status: 429), code: .providerUnavailable),
        BadAnswer(
            testDescription: "ten megabytes",
            response: .init(
                status: 200,
                headers: [("Content-Type", "application/json")],
                body: [UInt8](repeating: 0x20, count: 10 << 20)
            ),
            code: .providerUnavailable
        ),
    ]

    static let uselessEndpoints: [JSONValue] = [
        "http://op.example/x", "file:///etc/passwd", "javascript:alert(1)", "/relative", "",
        "https://169.254.169.254/latest/meta-data", "http://169.254.169.254/", "http://localhost:5432/",
        "https://127.0.0.1/", "https://[::1]/", "https://2852039166/", "https://0x7f.1/", "https://127.1/",
        "https://[::ffff:169.254.169.254]/", "https://[0:0:0:0:0:0:0:1]/", "https://0.0.0.0/", "https://[::]/",
        "https://127.0.0.1./", "https://0177.0.0.1/", "https://[fe80::1]/", "https://user:pw@op.example/",
        "https://op.example/#f", 7, "https://op.example/a b", "https://op.example/\r\nX: y",
        "https://op.example/?x=%zz", "https://localhost./", "https://op.LOCALHOST.:8443/",
    ]

    @Test(
        "DJ-05 AR-11 PD-03 a needed endpoint that nothing may be sent to makes the document useless",
        arguments: ["authorization_endpoint", "token_endpoint", "jwks_uri"],
        uselessEndpoints + [nil]
    )
    func endpoints(_ member: String, _ value: JSONValue?) async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.metadata(member, value))
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await provider.relyingParty().authorizationRequest()
        }
        #expect(error?.code == .metadataInvalid)
        #expect(error?.message.contains(member) == true)
    }

    @Test(
        "RL-03 DJ-05 an endpoint that logins don't need is left out when nothing may be sent to it",
        arguments: ["userinfo_endpoint", "end_session_endpoint", "revocation_endpoint"],
        uselessEndpoints
    )
    func optionalEndpoints(_ member: String, _ value: JSONValue) async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.metadata(member, value))
        let relyingParty = try provider.relyingParty()
        _ = try await relyingParty.authorizationRequest()
        let metadata = try await relyingParty.metadata()
        let endpoints = [
            "userinfo_endpoint": metadata.userInfoEndpoint, "end_session_endpoint": metadata.endSessionEndpoint,
            "revocation_endpoint": metadata.revocationEndpoint,
        ]
        #expect(endpoints[member] == .some(nil))
        if member == "end_session_endpoint" {
            #expect(try await relyingParty.endSessionRequest(idTokenHint: nil, state: nil) == nil)
        }
    }

    @Test(
        "A list that logins don't need counts as absent when it is none",
        arguments: ["token_endpoint_auth_methods_supported", "code_challenge_methods_supported"],
        ["S256", 1, [1], [:]] as [JSONValue]
    )
    func optionalLists(_ member: String, _ value: JSONValue) async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.metadata(member, value))
        try await Browser(provider).login()
    }

    @Test("DJ-05 endpoints may be on other hosts")
    func otherHosts() async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.metadata("end_session_endpoint", "https://logout.example.net:8443/out?x=1"))
        #expect(
            try await provider.relyingParty().metadata().endSessionEndpoint == "https://logout.example.net:8443/out?x=1"
        )
    }

    @Test("A provider on this machine may have its endpoints here")
    func loopback() async throws {
        try await Browser(ScriptedProvider(issuer: "http://127.0.0.1:8080")).login()
    }

    @Test("What a provider may leave out is not missed")
    func optionalMembers() async throws {
        let provider = ScriptedProvider()
        provider.misbehave(
            .metadata("userinfo_endpoint", nil),
            .metadata("end_session_endpoint", .some(.null)),
            .metadata("id_token_signing_alg_values_supported", nil),
            .metadata("token_endpoint_auth_methods_supported", nil)
        )
        let metadata = try await provider.relyingParty().metadata()
        #expect(metadata.userInfoEndpoint == nil && metadata.endSessionEndpoint == nil)
        #expect(metadata.idTokenSigningAlgorithms == ["RS256"])
        #expect(metadata.tokenEndpointAuthenticationMethods == nil)
    }

    @Test("RO-06 a login that began before the endpoints moved ends at the new ones of the same issuer")
    func movedEndpoints() async throws {
        let clock = ManualClock()
        let provider = ScriptedProvider(clock: clock)
        let browser = try Browser(provider)
        let request = try await browser.relyingParty.authorizationRequest()
        let answer = try provider.authorize(request.url)
        provider.misbehave(.metadata("token_endpoint", "https://op.example/new-token"))
        clock.advance(by: .seconds(3601))
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await browser.exchange(answer.query, for: request)
        }
        // The script has no such endpoint, and answers 404: what matters is where the code went.
        #expect(error?.code == .tokenRequestRejected)
        #expect(provider.requests(to: .token).isEmpty)
        #expect(provider.requests(to: .stray).map(\.request.url) == ["https://op.example/new-token"])
    }

    @Test("CI-08 FA-21 a login makes four requests, and a second one only two")
    func noStrayRequests() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider)
        try await browser.login()
        #expect(provider.requests.map(\.endpoint) == [.discovery, .token, .keys, .userInfo])
        provider.forgetRequests()
        try await browser.login()
        #expect(provider.requests.map(\.endpoint) == [.token, .userInfo])
    }
}
