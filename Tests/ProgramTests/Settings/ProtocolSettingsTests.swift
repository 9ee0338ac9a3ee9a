import Crypto
import Foundation
import OpenIDConnect
import Secrets
import Testing

@testable import oidc_sessions

@Suite("Settings beyond the plain code flow")
struct ProtocolSettingsTests {
    private static let keyText = P256.Signing.PrivateKey().pemRepresentation

    private func options(_ environment: [String: String]) throws -> ProviderConfiguration.Options {
        let all = SettingsTests.complete.merging(environment) { $1 }
        return try #require(try Settings.load(environment: all, needs: .serving).provider).options
    }

    private func problems(_ environment: [String: String]) throws -> [String] {
        let error = try #require(throws: SettingsError.self) { try options(environment) }
        for problem in error.problems { #expect(!problem.contains("marker") && !problem.contains("-----BEGIN")) }
        return error.problems
    }

    @Test("each is off until it is set")
    func defaults() throws {
        let options = try options([:])
        #expect(options.authenticationMethod == nil && options.clientKey == nil && options.dpopKey == nil)
        #expect(options.assertionAudience == .issuer)
        #expect(options.pushedAuthorization == .automatic && options.userInfoSigningAlgorithm == nil)
        #expect(options.maximumAuthenticationAge == nil && options.requiredAuthenticationContexts.isEmpty)
        #expect(options.prompt.isEmpty)
    }

    @Test("each arrives where it belongs")
    func values() throws {
        let options = try options([
            "OIDC_CLIENT_KEY": Self.keyText, "OIDC_CLIENT_KEY_ID": "k1", "OIDC_CLIENT_KEY_ALGORITHM": "ES256",
            "OIDC_TOKEN_AUTH_METHOD": "private_key_jwt", "OIDC_PUSHED_AUTHORIZATION": "always",
            "OIDC_CLIENT_ASSERTION_AUDIENCE": "token_endpoint",
            "OIDC_DPOP_KEY": Self.keyText, "OIDC_USERINFO": "true", "OIDC_USERINFO_SIGNING_ALGORITHM": "PS256",
            "OIDC_MAX_AGE_SECONDS": "900", "OIDC_ACR_VALUES": "urn:a urn:b", "OIDC_PROMPT": "login consent",
        ])
        #expect(options.authenticationMethod == .privateKeyJWT)
        #expect(options.clientKey?.keyID == "k1" && options.clientKey?.algorithm == .es256)
        #expect(options.pushedAuthorization == .always && options.assertionAudience == .tokenEndpoint)
        #expect(options.dpopKey?.keyID == nil && options.dpopKey?.thumbprint == options.clientKey?.thumbprint)
        #expect(options.userInfoSigningAlgorithm == .ps256)
        #expect(options.maximumAuthenticationAge == .seconds(900))
        #expect(options.requiredAuthenticationContexts == ["urn:a", "urn:b"])
        #expect(options.prompt == ["login", "consent"])
    }

    @Test("a key may be in a file of its own", arguments: ["OIDC_CLIENT_KEY_FILE", "OIDC_DPOP_KEY_FILE"])
    func keyFile(_ name: String) throws {
        try SettingsFile.with(Self.keyText + "\n") { path in
            let options = try options([name: path])
            #expect((options.clientKey != nil) == (name == "OIDC_CLIENT_KEY_FILE"))
            #expect((options.dpopKey != nil) == (name == "OIDC_DPOP_KEY_FILE"))
        }
    }

    @Test("what doesn't fit together is said, and by which setting")
    func contradictions() throws {
        #expect(
            try problems(["OIDC_TOKEN_AUTH_METHOD": "private_key_jwt"])
                == ["OIDC_CLIENT_KEY: is needed for private_key_jwt"]
        )
        #expect(
            try problems(["OIDC_TOKEN_AUTH_METHOD": "client_secret_jwt"])
                == ["OIDC_CLIENT_SECRET: must have at least 32 bytes for client_secret_jwt"]
        )
        #expect(
            try problems(["OIDC_CLIENT_KEY": Self.keyText, "OIDC_CLIENT_KEY_ALGORITHM": "RS256"])
                == ["OIDC_CLIENT_KEY: can't sign with RS256"]
        )
        #expect(
            try problems(["OIDC_CLIENT_KEY_ALGORITHM": "ES256"]) == [
                "OIDC_CLIENT_KEY_ALGORITHM: is for a key, and OIDC_CLIENT_KEY is not set"
            ]
        )
        for method in ["client_secret_basic", "none"] {
            #expect(
                try problems(["OIDC_CLIENT_KEY": Self.keyText, "OIDC_TOKEN_AUTH_METHOD": method])
                    == ["OIDC_CLIENT_KEY: is not used with \(method): leave one of the two out"]
            )
        }
        #expect(
            try problems(["OIDC_USERINFO_SIGNING_ALGORITHM": "RS256"])
                == ["OIDC_USERINFO_SIGNING_ALGORITHM: is for signed userinfo, and OIDC_USERINFO is not true"]
        )
        #expect(
            try problems(["OIDC_CLIENT_KEY_ID": "k"]) == [
                "OIDC_CLIENT_KEY_ID: names a key, and OIDC_CLIENT_KEY is not set"
            ]
        )
        #expect(
            try problems(["OIDC_DPOP_KEY": "marker"])
                == ["OIDC_DPOP_KEY: is neither a private key in PEM (PKCS #8) nor a JWK"]
        )
        #expect(try problems(["OIDC_PROMPT": "none login"]).first?.hasPrefix("OIDC_PROMPT: none stands alone") == true)
    }

    @Test("each provider of the file has its own key, and the process's is refused beside them")
    func ofOneProvider() throws {
        let file = #"""
            {"providers": [
              {"name": "a", "issuer": "https://a.example", "client_id": "c", "client_key_file": "@", "client_key_id": "k",
               "acr_values": ["urn:a", "urn:b"], "pushed_authorization": "always"},
              {"name": "b", "issuer": "https://b.example", "client_id": "c", "prompt": ["login"]}
            ]}
            """#
        try SettingsFile.with(Self.keyText) { path in
            let settings = try SettingsFile.load(
                file.replacingOccurrences(of: "@", with: path),
                environment: ProviderSettingsTests.baseURL.merging(["OIDC_MAX_AGE_SECONDS": "60"]) { $1 }
            )
            let (a, b) = (settings.providers[0].options, settings.providers[1].options)
            #expect(a.clientKey?.keyID == "k" && b.clientKey == nil)
            #expect(a.requiredAuthenticationContexts == ["urn:a", "urn:b"] && a.pushedAuthorization == .always)
            #expect(b.prompt == ["login"] && b.pushedAuthorization == .automatic)
            #expect(a.maximumAuthenticationAge == .seconds(60) && b.maximumAuthenticationAge == .seconds(60))
            let problems = try SettingsFile.problems(
                file.replacingOccurrences(of: "@", with: path),
                environment: ProviderSettingsTests.baseURL.merging(["OIDC_DPOP_KEY": Self.keyText]) { $1 }
            )
            #expect(problems.count == 1 && problems[0].hasPrefix("OIDC_DPOP_KEY: "))
        }
    }
}
