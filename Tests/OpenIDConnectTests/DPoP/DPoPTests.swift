import Foundation
import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Proof of possession")
struct DPoPTests {
    @Test(
        "DP-01 FA-02 CI-11 each request has a proof of its own, with each algorithm",
        arguments: ClientSigningKeyTests.algorithms
    )
    func proofs(_ algorithm: String) async throws {
        let key = ScriptedKey(algorithm, kid: "not-sent")
        let browser = try BoundLogin.browser(key: key) { $0.pushedAuthorization = .always }
        let tokens = try await browser.login().tokens
        _ = try await BoundLogin.refresh(browser, tokens)
        let proofs = try BoundLogin.proofs(browser.provider)
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
        let browser = try BoundLogin.browser(.metadata("userinfo_endpoint", "https://op.example/userinfo?tenant=1"))
        let error = await browser.loginError()
        // The script knows no such endpoint: what matters is the proof.
        #expect(error?.code == .userInfoRejected)
        let proof = try #require(try BoundLogin.proofs(browser.provider).last)
        #expect(proof.url.hasSuffix("?tenant=1"))
        #expect(proof.token.claims["htu"] == "https://op.example/userinfo")
    }

    @Test("DP-01 the code is bound to the key before it exists")
    func boundCode() async throws {
        let browser = try BoundLogin.browser()
        let request = try await browser.relyingParty.authorizationRequest()
        #expect(WireForm.ofQuery(request.url)["dpop_jkt"] == ScriptedKey.thumbprint(of: BoundLogin.key.publicJWK))
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
        let key = try BoundLogin.key.signingKey()
        for setting in [PushedAuthorization.always, .never] {
            let browser = try Browser(provider) {
                $0.dpopKey = key
                $0.pushedAuthorization = setting
            }
            let attempts: [() async throws -> Void] = [
                { try await browser.login() }, { _ = try await browser.exchange(query, for: request) },
                { _ = try await BoundLogin.refresh(browser, before) },
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
        _ = try await BoundLogin.refresh(bearer, before)
    }

    @Test("DP-06 of a refresh that brought a token of another type the new refresh token is kept, and nothing else")
    func typeOfRefresh() async throws {
        let browser = try BoundLogin.browser()
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
        let browser = try BoundLogin.browser(.tokenMember("token_type", type))
        #expect(await browser.loginError()?.code == .tokenResponseInvalid)
        #expect(browser.provider.requests(to: .userInfo).isEmpty)
    }

    @Test("DP-06 FA-22 the type has no case, and without a key a bound token is refused")
    func tokenTypeCase() async throws {
        try await BoundLogin.browser(.tokenMember("token_type", "dPOP")).login()
        let provider = ScriptedProvider()
        provider.misbehave(.tokenMember("token_type", "DPoP"))
        #expect(await (try Browser(provider)).loginError()?.code == .tokenResponseInvalid)
    }

    @Test("DP-07 after a change of the key a public client's refresh token is refused, and a new login works")
    func keyChange() async throws {
        let browser = try BoundLogin.browser(method: "none")
        let tokens = try await browser.login().tokens
        let newKey = try ScriptedKey("EdDSA").signingKey()
        let later = Browser(browser.provider, try browser.provider.relyingParty { $0.dpopKey = newKey })
        let error = await #expect(throws: OpenIDConnectError.self) { try await BoundLogin.refresh(later, tokens) }
        #expect(error?.code == .grantRejected)
        _ = try await BoundLogin.refresh(later, try await later.login().tokens)
    }

    @Test("DP-07 a replica with the same key refreshes what another got")
    func replicas() async throws {
        let browser = try BoundLogin.browser(.demandsNonces(.lasting), method: "none")
        let tokens = try await browser.login().tokens
        let key = try BoundLogin.key.signingKey()
        let replica = Browser(browser.provider, try browser.provider.relyingParty { $0.dpopKey = key })
        _ = try await BoundLogin.refresh(replica, tokens)
    }
}
