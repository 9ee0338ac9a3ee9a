import Crypto
import Foundation
import OpenIDConnect
import Testing

@testable import oidc_sessions

@Suite("doctor compares what is configured with what the provider offers")
struct FeatureChecksTests {
    private static let key = ["OIDC_CLIENT_KEY": P256.Signing.PrivateKey().pemRepresentation]
    private static let proofs = ["OIDC_DPOP_KEY": P256.Signing.PrivateKey().pemRepresentation]
    private static let userInfo = ["OIDC_USERINFO": "true", "OIDC_USERINFO_SIGNING_ALGORITHM": "PS256"]

    struct Case: Sendable, CustomTestStringConvertible {
        let finding: String
        let environment: [String: String]
        let metadata: [String: JSONValue?]
        let level: Finding.Level?

        init(
            _ finding: String,
            _ environment: [String: String],
            _ metadata: [String: JSONValue?],
            _ level: Finding.Level?
        ) {
            self.finding = finding
            self.environment = environment
            self.metadata = metadata
            self.level = level
        }

        var testDescription: String { "\(finding) \(environment.keys.sorted()) \(metadata)" }
    }

    private static let methods = "token_endpoint_auth_methods_supported"
    private static let algorithms = "token_endpoint_auth_signing_alg_values_supported"
    private static let endpoint: [String: JSONValue?] = [
        "pushed_authorization_request_endpoint": "https://login.example.com/par"
    ]
    private static let demand: [String: JSONValue?] = ["require_pushed_authorization_requests": true]
    private static let secretJWT = [
        "OIDC_TOKEN_AUTH_METHOD": "client_secret_jwt", "OIDC_CLIENT_SECRET": String(repeating: "s", count: 32),
    ]

    static let cases = [
        Case("client authentication", key, [methods: ["private_key_jwt"]], .ok),
        Case("client authentication", key, [methods: ["client_secret_basic"]], .fail),
        Case("client authentication", key, [methods: nil], .warn),
        Case("client authentication", key, [methods: ["private_key_jwt"], algorithms: ["RS256"]], .fail),
        Case("client authentication", key, [methods: ["private_key_jwt"], algorithms: ["ES256"]], .ok),
        Case("client authentication", secretJWT, [methods: ["client_secret_jwt"]], .ok),
        Case("client authentication", secretJWT, [methods: ["client_secret_jwt"], algorithms: ["HS512"]], .fail),
        Case("client authentication", secretJWT, [methods: ["client_secret_basic"]], .fail),
        Case("pushed requests", [:], [:], nil),
        Case("pushed requests", [:], endpoint, nil),
        Case("pushed requests", [:], demand, .fail),
        Case("pushed requests", [:], demand.merging(endpoint) { $1 }, .ok),
        Case("pushed requests", ["OIDC_PUSHED_AUTHORIZATION": "always"], [:], .fail),
        Case("pushed requests", ["OIDC_PUSHED_AUTHORIZATION": "always"], endpoint, .ok),
        Case("pushed requests", ["OIDC_PUSHED_AUTHORIZATION": "never"], demand, .fail),
        Case("DPoP", [:], ["dpop_signing_alg_values_supported": ["RS256"]], nil),
        Case("DPoP", proofs, [:], .fail),
        Case("DPoP", proofs, ["dpop_signing_alg_values_supported": []], .fail),
        Case("DPoP", proofs, ["dpop_signing_alg_values_supported": ["RS256"]], .fail),
        Case("DPoP", proofs, ["dpop_signing_alg_values_supported": ["RS256", "ES256"]], .ok),
        Case("signed userinfo", userInfo, [:], .warn),
        Case("signed userinfo", userInfo, ["userinfo_signing_alg_values_supported": ["RS256"]], .fail),
        Case("signed userinfo", userInfo, ["userinfo_signing_alg_values_supported": ["PS256"]], .ok),
        Case("acr", ["OIDC_ACR_VALUES": "urn:a urn:b"], ["acr_values_supported": ["urn:b"]], .warn),
        Case("acr", ["OIDC_ACR_VALUES": "urn:b"], ["acr_values_supported": ["urn:b"]], nil),
        Case("acr", ["OIDC_ACR_VALUES": "urn:b"], [:], nil),
    ]

    @Test("a feature that the provider doesn't offer is told of, one that isn't configured is not", arguments: cases)
    func features(_ example: Case) async throws {
        let changes = try example.metadata.mapValues { value in
            try value.map {
                try JSONSerialization.jsonObject(with: Data($0.serialized().utf8), options: .fragmentsAllowed)
            }
        }
        let findings = try await ProviderChecksTests.findings(
            discovery: changes,
            environment: example.environment
        )
        #expect(findings[example.finding]?.level == example.level, "\(String(describing: findings[example.finding]))")
        #expect(findings["provider"]?.level == .ok)
    }
}
