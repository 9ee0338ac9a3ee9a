import OpenIDConnect
import ScriptedProvider
import Testing

/// Each member of each document that a provider sends, replaced by a value of every type: nothing may stop the process,
/// and nobody may become somebody else by it.
@Suite("Documents with values of other types")
struct TypeSwapTests {
    static let values: [JSONValue?] = [
        nil, .some(.null), true, false, 0, -1, .integer(.max), .integer(.min), .number(1e308), .number(-0.5), "", "x",
        "\u{0}", .string(String(repeating: "a", count: 10_000)), [], [[]], [.null, 1, "x"], [:], ["x": [[:]]],
    ]

    /// A login and a refresh with this one change: they succeed, or fail by an error of the relying party.
    private func play(_ misbehaviour: Misbehaviour, _ label: String) async throws {
        let provider = ScriptedProvider(keys: [Self.key], clock: ManualClock())
        let browser = try Browser(provider) { $0.requiredAuthenticationContexts = [] }
        provider.misbehave(misbehaviour)
        do {
            let (tokens, userInfo) = try await browser.login()
            #expect(tokens.claims.subject == "alice-1" && tokens.claims.issuer == provider.issuer, "\(label)")
            _ = StandardClaims(tokens.claims, userInfo: userInfo)
            _ = try await browser.relyingParty.endSessionRequest(idTokenHint: tokens.idToken, state: nil)
            guard let refreshToken = tokens.refreshToken else { return }
            let login = RefreshableLogin(issuer: provider.issuer, subject: "alice-1", idToken: tokens.idToken)
            _ = try await browser.relyingParty.refresh(refreshToken, of: login)
        } catch let error as OpenIDConnectError {
            #expect(!error.metricLabel.isEmpty)
        }
    }

    private static let key = ScriptedKey("ES256", kid: "k")

    @Test(
        "PD-08 metadata",
        arguments: [
            "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "end_session_endpoint",
            "revocation_endpoint", "jwks_uri", "response_types_supported", "id_token_signing_alg_values_supported",
            "token_endpoint_auth_methods_supported", "code_challenge_methods_supported",
            "authorization_response_iss_parameter_supported", "backchannel_logout_supported",
            "require_pushed_authorization_requests", "pushed_authorization_request_endpoint",
        ]
    )
    func metadata(member: String) async throws {
        for value in Self.values { try await play(.metadata(member, value), "\(member)") }
    }

    @Test(
        "PD-08 keys",
        arguments: ["kty", "crv", "x", "y", "kid", "alg", "use", "key_ops", "d", "n", "e", "x5c", "ext"]
    )
    func keys(member: String) async throws {
        for value in Self.values { try await play(.keyMember(member, value), "\(member)") }
    }

    @Test(
        "PD-08 token responses",
        arguments: [
            "access_token", "token_type", "expires_in", "refresh_token", "id_token", "scope", "error",
            "error_description",
        ]
    )
    func tokens(member: String) async throws {
        for value in Self.values { try await play(.tokenMember(member, value), "\(member)") }
    }

    @Test(
        "PD-08 claims of the ID token",
        arguments: [
            "iss", "sub", "aud", "exp", "iat", "nbf", "nonce", "azp", "acr", "amr", "auth_time", "at_hash", "sid",
            "name", "email", "email_verified", "groups", "address", "events", "_claim_sources",
        ]
    )
    func claims(member: String) async throws {
        for value in Self.values { try await play(.idTokenClaim(member, value), "\(member)") }
    }

    @Test("PD-08 headers of the ID token", arguments: ["alg", "kid", "typ", "crit", "jwk", "jku", "x5c", "zip", "b64"])
    func headers(member: String) async throws {
        for value in Self.values { try await play(.idTokenHeader(member, value), "\(member)") }
    }

    @Test("PD-08 userinfo", arguments: ["sub", "iss", "aud", "name", "email", "email_verified", "groups", "address"])
    func userInfo(member: String) async throws {
        for value in Self.values { try await play(.userInfoClaim(member, value), "\(member)") }
    }

    @Test(
        "PD-08 a whole document of another type",
        arguments: [RecordedRequest.Endpoint.discovery, .keys, .token, .userInfo]
    )
    func documents(endpoint: RecordedRequest.Endpoint) async throws {
        for value in Self.values.compactMap({ $0 }) + [["keys": [:]], ["keys": "x"]] {
            try await play(.answer(endpoint, .json(value)), "\(endpoint)")
        }
    }
}
