import Foundation
import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Client authentication by assertion")
struct ClientAssertionTests {
    /// A client with this method, and the provider where it is registered.
    private static func provider(
        _ method: String,
        secret: String = String(repeating: "s", count: 64),
        key: ScriptedKey? = nil,
        clock: ManualClock = ManualClock()
    ) -> ScriptedProvider {
        var client = ScriptedClient()
        client.authenticationMethod = method
        client.secret = secret
        client.publicKey = key?.publicJWK ?? [:]
        return ScriptedProvider(client: client, clock: clock)
    }

    private static func assertions(_ provider: ScriptedProvider) throws -> [ReceivedToken] {
        try provider.requests.compactMap { $0.form["client_assertion"] }.map { try #require(ReceivedToken($0)) }
    }

    @Test(
        "ID-31 CI-12 private_key_jwt with each algorithm, at token, pushed request and revocation endpoint",
        arguments: ClientSigningKeyTests.algorithms
    )
    func privateKey(_ algorithm: String) async throws {
        let key = ScriptedKey(algorithm, kid: "client-key")
        let provider = Self.provider("private_key_jwt", key: key)
        let browser = try Browser(provider) {
            $0.clientKey = try? key.signingKey()
            $0.pushedAuthorization = .always
        }
        let tokens = try await browser.login().tokens
        let refreshToken = try #require(tokens.refreshToken)
        let refreshed = try await browser.relyingParty.refresh(
            refreshToken,
            of: RefreshableLogin(issuer: provider.issuer, subject: "alice-1")
        )
        #expect(try await browser.relyingParty.revoke(#require(refreshed.refreshToken), kind: .refreshToken))

        let sent = provider.requests.filter { $0.form["client_assertion"] != nil }
        #expect(sent.map(\.endpoint) == [.pushedRequest, .token, .token, .revocation])
        let assertions = try Self.assertions(provider)
        let now = Int64(provider.clock.now().timeIntervalSince1970)
        for assertion in assertions {
            #expect(assertion.header == ["alg": .string(algorithm), "kid": "client-key", "typ": "JWT"])
            #expect(assertion.claims["aud"] == .string(provider.issuer))
            #expect(assertion.claims["iss"] == "client-1" && assertion.claims["sub"] == "client-1")
            #expect(assertion.claims["iat"] == .integer(now) && assertion.claims["exp"] == .integer(now + 60))
            #expect(assertion.claims.keys.sorted() == ["aud", "exp", "iat", "iss", "jti", "sub"])
        }
        #expect(Set(assertions.compactMap { $0.claims["jti"]?.stringValue }).count == 4)
        for request in sent {
            #expect(request.request.header("Authorization") == nil)
            #expect(request.form["client_secret"] == nil && request.form.repeated.isEmpty)
        }
    }

    @Test(
        "CF-18 client_secret_jwt takes the first algorithm that the provider knows",
        arguments: [
            (nil, "HS256"), (["HS512", "HS256"], "HS256"), (["ES256", "HS384"], "HS384"), (["HS512"], "HS512"),
        ]
            as [(JSONValue?, String)]
    )
    func sharedSecret(_ offered: JSONValue?, _ expected: String) async throws {
        let provider = Self.provider("client_secret_jwt")
        provider.misbehave(.metadata("token_endpoint_auth_signing_alg_values_supported", offered))
        try await Browser(provider).login()
        let assertion = try #require(try Self.assertions(provider).first)
        #expect(assertion.header == ["alg": .string(expected), "typ": "JWT"])
        #expect(!String(decoding: provider.requests(to: .token)[0].request.body, as: UTF8.self).contains("ssss"))
    }

    @Test("client_secret_jwt is not used with a secret that is shorter than the hash")
    func shortSecret() async throws {
        #expect(throws: OpenIDConnectError.self) {
            try Self.provider("client_secret_jwt", secret: String(repeating: "s", count: 31)).configuration()
        }
        let provider = Self.provider("client_secret_jwt", secret: String(repeating: "s", count: 47))
        try await Browser(provider).login()
        provider.misbehave(.metadata("token_endpoint_auth_signing_alg_values_supported", ["HS384"]))
        let error = await (try Browser(provider)).loginError()
        #expect(error?.code == .invalidConfiguration)
        provider.misbehave(.metadata("token_endpoint_auth_signing_alg_values_supported", ["RS256"]))
        #expect(await (try Browser(provider)).loginError()?.code == .metadataInvalid)
        #expect(provider.requests(to: .token).count == 1)
    }

    struct Choice: Sendable, CustomTestStringConvertible {
        let offered: JSONValue?
        let hasKey: Bool
        let hasSecret: Bool
        let expected: String?

        init(_ offered: JSONValue?, key: Bool = false, secret: Bool = false, gives expected: String?) {
            self.offered = offered
            hasKey = key
            hasSecret = secret
            self.expected = expected
        }

        var testDescription: String { "\(offered?.serialized() ?? "nothing"), key \(hasKey), secret \(hasSecret)" }
    }

    @Test(
        "Without a setting a key is used before a secret, and no secret in the place of a key",
        arguments: [
            Choice(nil, key: true, gives: "private_key_jwt"),
            Choice(["private_key_jwt"], key: true, gives: "private_key_jwt"),
            Choice(["client_secret_basic", "private_key_jwt"], key: true, secret: true, gives: "private_key_jwt"),
            Choice(["client_secret_basic"], key: true, secret: true, gives: nil),
            Choice(nil, secret: true, gives: "client_secret_basic"),
            Choice(["client_secret_jwt"], secret: true, gives: "client_secret_jwt"),
            Choice(["client_secret_jwt", "client_secret_post"], secret: true, gives: "client_secret_post"),
            Choice(["private_key_jwt"], secret: true, gives: nil),
            Choice(["client_secret_basic"], gives: "none"),
        ]
    )
    func choice(_ choice: Choice) async throws {
        let key = ScriptedKey()
        let provider = Self.provider(choice.expected ?? "client_secret_basic", key: key)
        provider.misbehave(.metadata("token_endpoint_auth_methods_supported", choice.offered))
        var options = ProviderConfiguration.Options()
        options.clientKey = choice.hasKey ? try key.signingKey() : nil
        let configuration = try ProviderConfiguration(
            name: "n",
            issuer: provider.issuer,
            clientID: provider.client.id,
            clientSecret: choice.hasSecret ? Secret(provider.client.secret) : nil,
            redirectURI: provider.client.redirectURIs[0],
            options: options
        )
        let relyingParty = RelyingParty(
            configuration: configuration,
            transport: provider,
            clock: provider.clock,
            logger: .silent
        )
        let browser = Browser(provider, relyingParty)
        let error = await browser.loginError()
        #expect(error?.code == (choice.expected == nil ? .metadataInvalid : nil))
        #expect(provider.requests(to: .token).count == (choice.expected == nil ? 0 : 1))
    }

    @Test("A method without what it needs is refused when it is configured")
    func incomplete() throws {
        let provider = Self.provider("client_secret_basic")
        for (method, secret, setting) in [
            (.privateKeyJWT, "s", "clientKey"), (.clientSecretJWT, nil, "clientSecret"),
            (.clientSecretJWT, String(repeating: "s", count: 31), "clientSecret"),
            (.clientSecretPost, nil, "clientSecret"),
        ] as [(ClientAuthenticationMethod, String?, String)] {
            var options = ProviderConfiguration.Options()
            options.authenticationMethod = method
            let error = #expect(throws: OpenIDConnectError.self) {
                try ProviderConfiguration(
                    name: "n",
                    issuer: provider.issuer,
                    clientID: "c",
                    clientSecret: secret.map { Secret($0) },
                    redirectURI: provider.client.redirectURIs[0],
                    options: options
                )
            }
            #expect(error?.message.hasPrefix(setting + ": ") == true)
        }
    }

    @Test("ID-31 for a provider that insists on it assertions name the token endpoint, and go to no other server")
    func tokenEndpoint() async throws {
        let key = ScriptedKey()
        var client = ScriptedClient()
        client.authenticationMethod = "private_key_jwt"
        client.publicKey = key.publicJWK
        client.assertionAudience = "https://op.example/token"
        let provider = ScriptedProvider(client: client, clock: ManualClock())
        let signingKey = try key.signingKey()
        func browser() throws -> Browser {
            try Browser(provider) {
                $0.clientKey = signingKey
                $0.assertionAudience = .tokenEndpoint
                $0.pushedAuthorization = .always
            }
        }
        try await browser().login()
        provider.forgetRequests()
        // The provider names another's token endpoint as its own, and waits for what is made for that at its other doors.
        for endpoint in ["https://op.example:8443/par", "https://op.example.net/par"] {
            provider.misbehave(.metadata("pushed_authorization_request_endpoint", .string(endpoint)))
            #expect(await (try browser()).loginError()?.code == .metadataInvalid)
        }
        #expect(provider.requests.allSatisfy { $0.endpoint == .discovery })
    }

    @Test("A provider that doesn't know the key's algorithm is sent nothing")
    func unknownAlgorithm() async throws {
        let key = ScriptedKey()
        let provider = Self.provider("private_key_jwt", key: key)
        let signingKey = try key.signingKey()
        let browser = try Browser(provider) { $0.clientKey = signingKey }
        let tokens = try await browser.login().tokens
        provider.forgetRequests()
        provider.misbehave(.metadata("token_endpoint_auth_signing_alg_values_supported", ["RS256", "HS256"]))
        let later = try Browser(provider) { $0.clientKey = signingKey }
        let login = RefreshableLogin(issuer: provider.issuer, subject: "alice-1")
        let attempts: [() async throws -> Void] = [
            { try await later.login() },
            { _ = try await later.relyingParty.refresh(#require(tokens.refreshToken), of: login) },
            { try await later.relyingParty.revoke(tokens.accessToken, kind: .accessToken) },
        ]
        for attempt in attempts {
            let error = await #expect(throws: OpenIDConnectError.self) { try await attempt() }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.message.hasPrefix("clientKey: ") == true)
        }
        #expect(provider.requests.allSatisfy { $0.endpoint == .discovery })
        provider.misbehave(.metadata("token_endpoint_auth_signing_alg_values_supported", ["RS256", "ES256"]))
        try await Browser(provider) { $0.clientKey = signingKey }.login()
    }

    @Test(
        "A key beside a method that doesn't use it is refused when it is configured",
        arguments: [ClientAuthenticationMethod.clientSecretBasic, .clientSecretPost, .clientSecretJWT, .none]
    )
    func unusedKey(_ method: ClientAuthenticationMethod) throws {
        let key = try ScriptedKey().signingKey()
        for isRefused in [true, false] {
            let make = {
                try Self.provider(method.rawValue).configuration { $0.clientKey = isRefused ? key : nil }
            }
            guard isRefused else {
                _ = try make()
                continue
            }
            let error = #expect(throws: OpenIDConnectError.self) { try make() }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.message.hasPrefix("clientKey: ") == true)
        }
    }

    @Test("An assertion by another key is refused, and shows in no printed form of the error")
    func wrongKey() async throws {
        let provider = Self.provider("private_key_jwt", key: ScriptedKey())
        let other = try ScriptedKey().signingKey()
        let error = await (try Browser(provider) { $0.clientKey = other }).loginError()
        #expect(error?.code == .clientRejected)
        let assertion = try #require(provider.requests(to: .token).first?.form["client_assertion"])
        #expect(!String(reflecting: error).contains(assertion))
        #expect(provider.requests(to: .token).count == 1)
    }
}
