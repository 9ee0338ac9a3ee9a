import Foundation
import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Nonces in proofs of possession")
struct DPoPNonceTests {
    @Test("DP-02 DP-04 FA-01 FA-23 the first proof lacks the nonce, the second has it, and the code was not spent")
    func nonce() async throws {
        let browser = try BoundLogin.browser(.demandsNonces(.lasting)) { $0.pushedAuthorization = .always }
        let tokens = try await browser.login().tokens
        let proofs = try BoundLogin.proofs(browser.provider)
        #expect(proofs.map(\.endpoint) == [.pushedRequest, .pushedRequest, .token, .userInfo, .userInfo])
        #expect(proofs.map { $0.token.claims["nonce"] != nil } == [false, true, true, false, true])
        #expect(proofs[1].token.claims["nonce"] == proofs[2].token.claims["nonce"])
        _ = try await BoundLogin.refresh(browser, tokens)
        #expect(try BoundLogin.proofs(browser.provider).count == 6)
    }

    @Test("DP-04 code and refresh token are sent again as they were, with a new proof and a new assertion")
    func repetition() async throws {
        let clientKey = ScriptedKey()
        var client = ScriptedClient()
        client.bindsTokens = true
        client.authenticationMethod = "private_key_jwt"
        client.publicKey = clientKey.publicJWK
        let provider = ScriptedProvider(client: client, clock: ManualClock())
        let (signingKey, proofKey) = (try clientKey.signingKey(), try BoundLogin.key.signingKey())
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
        _ = try await BoundLogin.refresh(browser, tokens)
        sent = provider.requests(to: .token)
        #expect(sent.count == 4 && sent[2].form["refresh_token"] == sent[3].form["refresh_token"])
        #expect(Set(sent.compactMap { $0.request.header("DPoP") }).count == 4)
    }

    @Test("DP-03 a nonce that comes with a success is the next one of that server, though both have one origin")
    func oneUse() async throws {
        let browser = try BoundLogin.browser(.demandsNonces(.oneUse))
        let tokens = try await browser.login().tokens
        _ = try await BoundLogin.refresh(browser, tokens)
        _ = try await BoundLogin.refresh(browser, try await browser.login().tokens)
        let proofs = try BoundLogin.proofs(browser.provider)
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
        let (signingKey, proofKey) = (try clientKey.signingKey(), try BoundLogin.key.signingKey())
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
        let browser = try BoundLogin.browser(
            .demandsNonces(.lasting),
            .metadata("userinfo_endpoint", "https://api.example/userinfo")
        )
        #expect(await browser.loginError()?.code == .userInfoRejected)
        let proofs = try BoundLogin.proofs(browser.provider)
        #expect(proofs.map { $0.token.claims["nonce"] != nil } == [false, true, false])
        #expect(proofs[2].url == "https://api.example/userinfo")
    }

    @Test("DP-02 a server that is never content is asked twice, and no more", arguments: [true, false])
    func noLoop(_ pushes: Bool) async throws {
        let browser = try BoundLogin.browser(.demandsNonces(.neverContent)) {
            $0.pushedAuthorization = pushes ? .always : .never
        }
        let error = await browser.loginError()
        #expect(error?.code == (pushes ? .pushedRequestRejected : .tokenRequestRejected))
        #expect(error?.providerError == "use_dpop_nonce")
        #expect(browser.provider.requests(to: pushes ? .pushedRequest : .token).count == 2)
    }

    @Test("DP-02 userinfo is asked twice, and no more")
    func noLoopAtUserInfo() async throws {
        let browser = try BoundLogin.browser()
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
        let browser = try BoundLogin.browser(.answer(answer.endpoint, answer.response))
        #expect(await browser.loginError() != nil)
        #expect(browser.provider.requests(to: answer.endpoint).count == answer.requests)
        let last = try #require(try BoundLogin.proofs(browser.provider).last)
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
}
