import Foundation
import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Proof of possession")
struct DPoPTests {
    private static let key = ScriptedKey("ES256", kid: nil)

    /// A provider that binds every token, and somebody who signs in there.
    private static func browser(
        _ misbehaviours: Misbehaviour...,
        method: String = "client_secret_basic",
        key: ScriptedKey = key,
        adjust: (inout ProviderConfiguration.Options) -> Void = { _ in }
    ) throws -> Browser {
        var client = ScriptedClient()
        client.bindsTokens = true
        client.authenticationMethod = method
        let provider = ScriptedProvider(client: client, clock: ManualClock())
        provider.misbehave(misbehaviours)
        let signingKey = try key.signingKey()
        return try Browser(provider) {
            $0.dpopKey = signingKey
            adjust(&$0)
        }
    }

    /// The proofs in order, with the requests that they came with.
    private static func proofs(
        _ provider: ScriptedProvider
    ) throws -> [(endpoint: RecordedRequest.Endpoint, url: String, token: ReceivedToken)] {
        try provider.requests.compactMap { recorded in
            guard let text = recorded.request.header("DPoP") else { return nil }
            #expect(recorded.request.headers.filter { $0.name == "DPoP" }.count == 1)
            return (recorded.endpoint, recorded.request.url, try #require(ReceivedToken(text)))
        }
    }

    private static func refresh(_ browser: Browser, _ tokens: TokenSet) async throws -> RefreshedTokens {
        try await browser.relyingParty.refresh(
            #require(tokens.refreshToken),
            of: RefreshableLogin(issuer: browser.provider.issuer, subject: "alice-1")
        )
    }

    @Test(
        "DP-01 FA-02 CI-11 each request has a proof of its own, with each algorithm",
        arguments: ClientSigningKeyTests.algorithms
    )
    func proofs(_ algorithm: String) async throws {
        let key = ScriptedKey(algorithm, kid: "not-sent")
        let browser = try Self.browser(key: key) { $0.pushedAuthorization = .always }
        let tokens = try await browser.login().tokens
        _ = try await Self.refresh(browser, tokens)
        let proofs = try Self.proofs(browser.provider)
        #expect(proofs.map(\.endpoint) == [.pushedRequest, .token, .userInfo, .token])
        var publicKey = key.publicJWK
        for member in ["kid", "use", "alg"] { publicKey[member] = nil }
        let now = Int64(browser.provider.clock.now().timeIntervalSince1970)
        for proof in proofs {
            let expected: [String: JSONValue] = [
                "typ": "dpop+jwt", "alg": .string(algorithm), "jwk": .object(publicKey),
            ]
            #expect(proof.token.header == expected)
            #expect(proof.token.isSigned(by: key.publicJWK))
            #expect(proof.token.claims["htu"] == .string(proof.url))
            #expect(proof.token.claims["htm"] == (proof.endpoint == .userInfo ? "GET" : "POST"))
            #expect(proof.token.claims["iat"] == .integer(now))
            #expect((proof.token.claims["ath"] != nil) == (proof.endpoint == .userInfo))
            #expect(proof.token.claims["nonce"] == nil)
        }
        let identifiers = proofs.compactMap { $0.token.claims["jti"]?.stringValue }
        #expect(Set(identifiers).count == 4 && identifiers.allSatisfy { Base64URL.decode($0).count == 32 })
        let authorization = try #require(
            browser.provider.requests(to: .userInfo).first?.request.header("Authorization")
        )
        #expect(authorization == "DPoP " + tokens.accessToken.reveal())
    }

    @Test("DP-01 htu has no query")
    func query() async throws {
        let browser = try Self.browser(.metadata("userinfo_endpoint", "https://op.example/userinfo?tenant=1"))
        let error = await browser.loginError()
        // The script knows no such endpoint: what matters is the proof.
        #expect(error?.code == .userInfoRejected)
        let proof = try #require(try Self.proofs(browser.provider).last)
        #expect(proof.url.hasSuffix("?tenant=1"))
        #expect(proof.token.claims["htu"] == "https://op.example/userinfo")
    }

    @Test("DP-01 the code is bound to the key before it exists")
    func boundCode() async throws {
        let browser = try Self.browser()
        let request = try await browser.relyingParty.authorizationRequest()
        #expect(WireForm.ofQuery(request.url)["dpop_jkt"] == ScriptedKey.thumbprint(of: Self.key.publicJWK))
        let answer = try browser.provider.authorize(request.url)
        // A thief of the code has the verifier as well, and a key of their own.
        let otherKey = try ScriptedKey().signingKey()
        let thief = Browser(browser.provider, try browser.provider.relyingParty { $0.dpopKey = otherKey })
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await thief.exchange(answer.query, for: request)
        }
        #expect(error?.code == .grantRejected)
    }

    @Test("Without a key nothing is said of proofs")
    func off() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider)
        let request = try await browser.relyingParty.authorizationRequest()
        #expect(WireForm.ofQuery(request.url)["dpop_jkt"] == nil)
        try await browser.login()
        #expect(provider.requests.allSatisfy { $0.request.header("DPoP") == nil })
    }

    // MARK: Nonces

    @Test("DP-02 DP-04 FA-01 FA-23 the first proof lacks the nonce, the second has it, and the code was not spent")
    func nonce() async throws {
        let browser = try Self.browser(.demandsNonces(.lasting)) { $0.pushedAuthorization = .always }
        let tokens = try await browser.login().tokens
        let proofs = try Self.proofs(browser.provider)
        #expect(proofs.map(\.endpoint) == [.pushedRequest, .pushedRequest, .token, .userInfo, .userInfo])
        #expect(proofs.map { $0.token.claims["nonce"] != nil } == [false, true, true, false, true])
        #expect(proofs[1].token.claims["nonce"] == proofs[2].token.claims["nonce"])
        _ = try await Self.refresh(browser, tokens)
        #expect(try Self.proofs(browser.provider).count == 6)
    }

    @Test("DP-04 code and refresh token are sent again as they were, with a new proof and a new assertion")
    func repetition() async throws {
        let clientKey = ScriptedKey()
        var client = ScriptedClient()
        client.bindsTokens = true
        client.authenticationMethod = "private_key_jwt"
        client.publicKey = clientKey.publicJWK
        let provider = ScriptedProvider(client: client, clock: ManualClock())
        let (signingKey, proofKey) = (try clientKey.signingKey(), try Self.key.signingKey())
        let browser = try Browser(provider) {
            $0.clientKey = signingKey
            $0.dpopKey = proofKey
        }
        provider.misbehave(.demandsNonces(.lasting))
        let tokens = try await browser.login().tokens
        var sent = provider.requests(to: .token)
        #expect(sent.count == 2 && sent[0].form["code"] == sent[1].form["code"])
        #expect(sent[0].form["client_assertion"] != sent[1].form["client_assertion"])
        provider.expireProofNonce()
        _ = try await Self.refresh(browser, tokens)
        sent = provider.requests(to: .token)
        #expect(sent.count == 4 && sent[2].form["refresh_token"] == sent[3].form["refresh_token"])
        #expect(Set(sent.compactMap { $0.request.header("DPoP") }).count == 4)
    }

    @Test("DP-03 a nonce that comes with a success is the next one of that server, though both have one origin")
    func oneUse() async throws {
        let browser = try Self.browser(.demandsNonces(.oneUse))
        let tokens = try await browser.login().tokens
        _ = try await Self.refresh(browser, tokens)
        _ = try await Self.refresh(browser, try await browser.login().tokens)
        let proofs = try Self.proofs(browser.provider)
        #expect(proofs.map(\.endpoint) == [.token, .token, .userInfo, .userInfo, .token, .token, .userInfo, .token])
        #expect(Set(proofs.map { $0.token.claims["nonce"] }).count == 7)
    }

    @Test("DP-03 with nonces of one use, 20 codes are exchanged at once, each with the nonce it was given")
    func atOnce() async throws {
        // RSA takes its time between the nonce and the proof.
        let clientKey = ScriptedKey("RS256", kid: "k")
        var client = ScriptedClient()
        client.bindsTokens = true
        client.authenticationMethod = "private_key_jwt"
        client.publicKey = clientKey.publicJWK
        let provider = ScriptedProvider(client: client, clock: ManualClock())
        provider.misbehave(.demandsNonces(.oneUse))
        let (signingKey, proofKey) = (try clientKey.signingKey(), try Self.key.signingKey())
        let browser = try Browser(provider) {
            $0.clientKey = signingKey
            $0.dpopKey = proofKey
        }
        var logins: [(query: String, request: AuthorizationRequest)] = []
        for _ in 0..<20 {
            let request = try await browser.relyingParty.authorizationRequest()
            logins.append((try provider.authorize(request.url).query, request))
        }
        let gate = provider.hold(.token)
        let subjects = try await withThrowingTaskGroup(of: String.self) { group in
            for login in logins {
                group.addTask { try await browser.exchange(login.query, for: login.request).claims.subject }
            }
            try await gate.arrived(20)
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(subjects.count == 20)
        #expect(provider.requests(to: .token).count == 40)
    }

    @Test("DP-03 the nonce of one server is not shown to another")
    func servers() async throws {
        let browser = try Self.browser(
            .demandsNonces(.lasting),
            .metadata("userinfo_endpoint", "https://api.example/userinfo")
        )
        #expect(await browser.loginError()?.code == .userInfoRejected)
        let proofs = try Self.proofs(browser.provider)
        #expect(proofs.map { $0.token.claims["nonce"] != nil } == [false, true, false])
        #expect(proofs[2].url == "https://api.example/userinfo")
    }

    @Test("DP-02 a server that is never content is asked twice, and no more", arguments: [true, false])
    func noLoop(_ pushes: Bool) async throws {
        let browser = try Self.browser(.demandsNonces(.neverContent)) {
            $0.pushedAuthorization = pushes ? .always : .never
        }
        let error = await browser.loginError()
        #expect(error?.code == (pushes ? .pushedRequestRejected : .tokenRequestRejected))
        #expect(error?.providerError == "use_dpop_nonce")
        #expect(browser.provider.requests(to: pushes ? .pushedRequest : .token).count == 2)
    }

    @Test("DP-02 userinfo is asked twice, and no more")
    func noLoopAtUserInfo() async throws {
        let browser = try Self.browser()
        let tokens = try await browser.login().tokens
        browser.provider.misbehave(.demandsNonces(.neverContent))
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await browser.relyingParty.userInfo(accessToken: tokens.accessToken, expectedSubject: "alice-1")
        }
        #expect(error?.code == .userInfoUnauthorized)
        #expect(browser.provider.requests(to: .userInfo).count == 3)
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let endpoint: RecordedRequest.Endpoint
        let response: HTTPTransportResponse
        let requests: Int

        init(
            _ name: String,
            _ status: Int,
            _ body: JSONValue = [:],
            at endpoint: RecordedRequest.Endpoint = .token,
            _ headers: [(name: String, value: String)],
            requests: Int
        ) {
            testDescription = name
            self.endpoint = endpoint
            response = .json(body, status: status, headers: headers)
            self.requests = requests
        }
    }

    private static let demand: JSONValue = ["error": "use_dpop_nonce"]

    private static func challenge(_ text: String) -> [(name: String, value: String)] {
        [("WWW-Authenticate", text), ("DPoP-Nonce", "n1")]
    }

    static let answers = [
        Answer("DP-02 the demand with a nonce", 400, demand, [("DPoP-Nonce", "n1")], requests: 2),
        Answer("DP-02 the demand with status 401", 401, demand, [("dpop-nonce", "n1")], requests: 2),
        Answer("DP-02 the demand without a nonce", 400, demand, [], requests: 1),
        Answer(
            "DP-02 the demand with two nonces",
            400,
            demand,
            [("DPoP-Nonce", "a"), ("DPoP-Nonce", "b")],
            requests: 1
        ),
        Answer("DP-02 the demand with a nonce in quotes", 400, demand, [("DPoP-Nonce", "\"n\"")], requests: 1),
        Answer("DP-02 the demand with an empty nonce", 400, demand, [("DPoP-Nonce", "")], requests: 1),
        Answer(
            "DP-02 the demand with a nonce of 1025 bytes",
            400,
            demand,
            [("DPoP-Nonce", String(repeating: "n", count: 1025))],
            requests: 1
        ),
        Answer(
            "DP-04 another error with a nonce",
            400,
            ["error": "invalid_grant"],
            [("DPoP-Nonce", "n1")],
            requests: 1
        ),
        Answer("DP-04 the demand with status 500", 500, demand, [("DPoP-Nonce", "n1")], requests: 1),
        Answer("DP-04 the demand with status 200", 200, demand, [("DPoP-Nonce", "n1")], requests: 1),
        Answer("FA-23 a challenge", 401, at: .userInfo, challenge(#"DPoP error="use_dpop_nonce""#), requests: 2),
        Answer("FA-23 in odd case", 401, at: .userInfo, challenge(#"dPoP ERROR=use_dpop_nonce"#), requests: 2),
        Answer(
            "FA-23 behind another challenge",
            401,
            at: .userInfo,
            challenge(#"Negotiate a/b==, Bearer realm="x, DPoP \"y\"" , DPoP algs="ES256",error="use_dpop_nonce""#),
            requests: 2
        ),
        Answer("DP-05 of Bearer", 401, at: .userInfo, challenge(#"Bearer error="use_dpop_nonce""#), requests: 1),
        Answer(
            "DP-05 in a quoted text",
            401,
            at: .userInfo,
            challenge(#"Bearer a="DPoP error=use_dpop_nonce""#),
            requests: 1
        ),
        Answer(
            "DP-05 a quote that never ends",
            401,
            at: .userInfo,
            challenge(#"DPoP error="use_dpop_nonce\"#),
            requests: 1
        ),
        Answer("DP-04 403", 403, at: .userInfo, challenge(#"DPoP error="use_dpop_nonce""#), requests: 1),
    ]

    @Test("A request is repeated only when it was refused for the nonce, and one came", arguments: answers)
    func repeats(_ answer: Answer) async throws {
        let browser = try Self.browser(.answer(answer.endpoint, answer.response))
        #expect(await browser.loginError() != nil)
        #expect(browser.provider.requests(to: answer.endpoint).count == answer.requests)
        let last = try #require(try Self.proofs(browser.provider).last)
        #expect(last.token.claims["nonce"] == (answer.requests == 2 ? "n1" : nil))
    }

    @Test("DP-05 a demand for a nonce to a client that sends no proofs is an error like others")
    func withoutKey() async throws {
        for endpoint in [RecordedRequest.Endpoint.token, .userInfo] {
            let provider = ScriptedProvider()
            provider.misbehave(.answer(endpoint, .json(Self.demand, status: 401, headers: [("DPoP-Nonce", "n1")])))
            let error = await (try Browser(provider)).loginError()
            #expect(error?.code == (endpoint == .token ? .tokenRequestRejected : .userInfoUnauthorized))
            #expect(provider.requests(to: endpoint).count == 1)
        }
    }

    // MARK: Types and keys

    @Test(
        "DP-06 a provider that takes no proofs, or none by our key, is sent nothing",
        arguments: [nil, .null, [], ["RS256", "es256"], "ES256"] as [JSONValue?]
    )
    func notTaken(_ algorithms: JSONValue?) async throws {
        let misbehaviour = Misbehaviour.metadata("dpop_signing_alg_values_supported", algorithms)
        let provider = ScriptedProvider()
        let before = try await Browser(provider).login().tokens
        let bearer = try Browser(provider)
        let request = try await bearer.relyingParty.authorizationRequest()
        let query = try provider.authorize(request.url).query
        provider.misbehave(misbehaviour)
        provider.forgetRequests()
        let key = try Self.key.signingKey()
        for setting in [PushedAuthorization.always, .never] {
            let browser = try Browser(provider) {
                $0.dpopKey = key
                $0.pushedAuthorization = setting
            }
            let attempts: [() async throws -> Void] = [
                { try await browser.login() }, { _ = try await browser.exchange(query, for: request) },
                { _ = try await Self.refresh(browser, before) },
            ]
            for attempt in attempts {
                let error = await #expect(throws: OpenIDConnectError.self) { try await attempt() }
                #expect(error?.code == .invalidConfiguration)
                #expect(error?.message.hasPrefix("dpopKey: ") == true)
            }
        }
        #expect(provider.requests.allSatisfy { $0.endpoint == .discovery })
        // Neither code nor refresh token has been spent.
        _ = try await bearer.exchange(query, for: request)
        _ = try await Self.refresh(bearer, before)
    }

    @Test("DP-06 of a refresh that brought a token of another type the new refresh token is kept, and nothing else")
    func typeOfRefresh() async throws {
        let browser = try Self.browser()
        let tokens = try await browser.login().tokens
        let login = RefreshableLogin(issuer: browser.provider.issuer, subject: "alice-1")
        browser.provider.misbehave(.tokenMember("token_type", "Bearer"))
        let answer = try await browser.relyingParty.redeem(#require(tokens.refreshToken), of: login)
        let error = await #expect(throws: OpenIDConnectError.self) { try await browser.relyingParty.verified(answer) }
        #expect(error?.code == .tokenResponseInvalid)
        browser.provider.misbehave()
        _ = try await browser.relyingParty.refresh(#require(answer.refreshToken), of: login)
    }

    @Test(
        "DP-06 ID-22 a token of another type than the one asked for is thrown away",
        arguments: ["Bearer", "bearer", "mac", "", .some(.null), nil, 1] as [JSONValue?]
    )
    func tokenType(_ type: JSONValue?) async throws {
        let browser = try Self.browser(.tokenMember("token_type", type))
        #expect(await browser.loginError()?.code == .tokenResponseInvalid)
        #expect(browser.provider.requests(to: .userInfo).isEmpty)
    }

    @Test("DP-06 FA-22 the type has no case, and without a key a bound token is refused")
    func tokenTypeCase() async throws {
        try await Self.browser(.tokenMember("token_type", "dPOP")).login()
        let provider = ScriptedProvider()
        provider.misbehave(.tokenMember("token_type", "DPoP"))
        #expect(await (try Browser(provider)).loginError()?.code == .tokenResponseInvalid)
    }

    @Test("DP-07 after a change of the key a public client's refresh token is refused, and a new login works")
    func keyChange() async throws {
        let browser = try Self.browser(method: "none")
        let tokens = try await browser.login().tokens
        let newKey = try ScriptedKey("EdDSA").signingKey()
        let later = Browser(browser.provider, try browser.provider.relyingParty { $0.dpopKey = newKey })
        let error = await #expect(throws: OpenIDConnectError.self) { try await Self.refresh(later, tokens) }
        #expect(error?.code == .grantRejected)
        _ = try await Self.refresh(later, try await later.login().tokens)
    }

    @Test("DP-07 a replica with the same key refreshes what another got")
    func replicas() async throws {
        let browser = try Self.browser(.demandsNonces(.lasting), method: "none")
        let tokens = try await browser.login().tokens
        let key = try Self.key.signingKey()
        let replica = Browser(browser.provider, try browser.provider.relyingParty { $0.dpopKey = key })
        _ = try await Self.refresh(replica, tokens)
    }
}
