import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Configuration")
struct ConfigurationTests {
    private static func configuration(
        issuer: String = "https://op.example",
        clientID: String = "client-1",
        secret: String? = "s",
        redirectURI: String = "https://app.example/callback",
        adjust: (inout ProviderConfiguration.Options) -> Void = { _ in }
    ) throws -> ProviderConfiguration {
        var options = ProviderConfiguration.Options()
        adjust(&options)
        return try ProviderConfiguration(
            name: "n",
            issuer: issuer,
            clientID: clientID,
            clientSecret: secret.map(Secret.init),
            redirectURI: redirectURI,
            options: options
        )
    }

    private func expectRefusal(naming setting: String, _ make: () throws -> ProviderConfiguration) {
        let error = #expect(throws: OpenIDConnectError.self) { _ = try make() }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.hasPrefix(setting) == true)
    }

    @Test(
        "AR-06 a response type other than code is refused",
        arguments: ["token", "id_token token", "code id_token", ""]
    )
    func responseType(_ type: String) {
        expectRefusal(naming: "responseType") { try Self.configuration { $0.responseType = type } }
    }

    @Test(
        "AR-09 a static parameter that the login sets itself is refused",
        arguments: [
            "state", "nonce", "code_challenge", "code_challenge_method", "redirect_uri", "request", "client_id",
        ]
    )
    func reservedParameter(_ name: String) {
        expectRefusal(naming: "authorizationParameters") {
            try Self.configuration { $0.authorizationParameters = [name: "x"] }
        }
    }

    @Test(
        "AR-11 an issuer that is not https, or not an issuer, is refused",
        arguments: [
            "http://op.example", "http://10.0.0.1", "http://localhost.evil.example", "ftp://op.example", "op.example",
            "https://op.example?x=1", "https://op.example#f", "https://user@op.example", "https://",
            "https://op example",
            "https://op.example:0", "https://op.example:70000", "HTTPS://op.example", "https://öp.example", "",
            "http://127.0.0.1.evil.example", "http://[::2]", "https://op.example\\@evil.example", "https://a..b",
            "http://127.1",
            "http://2130706433", "https://1.2.3.4.5", "https://256.1.1.1",
        ]
    )
    func insecureIssuer(_ issuer: String) {
        expectRefusal(naming: "issuer") { try Self.configuration(issuer: issuer) }
    }

    @Test(
        "AR-11 plain http is for loopback only",
        arguments: ["http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:9999/realm", "http://op.localhost"]
    )
    func loopbackIssuer(_ issuer: String) throws {
        #expect(try Self.configuration(issuer: issuer).issuer == issuer)
    }

    @Test("Other settings that cannot work are refused, and the message names them")
    func others() {
        expectRefusal(naming: "redirectURI") { try Self.configuration(redirectURI: "/callback") }
        expectRefusal(naming: "redirectURI") { try Self.configuration(redirectURI: "http://app.example/callback") }
        expectRefusal(naming: "clientID") { try Self.configuration(clientID: "") }
        expectRefusal(naming: "clientSecret") { try Self.configuration(secret: "") }
        expectRefusal(naming: "clientSecret") {
            try Self.configuration(secret: nil) { $0.authenticationMethod = .clientSecretBasic }
        }
        expectRefusal(naming: "scopes") { try Self.configuration { $0.scopes = ["profile"] } }
        expectRefusal(naming: "scopes") { try Self.configuration { $0.scopes = ["openid", "a b"] } }
        expectRefusal(naming: "allowedAlgorithms") { try Self.configuration { $0.allowedAlgorithms = [] } }
        expectRefusal(naming: "maximumAuthenticationAge") {
            try Self.configuration { $0.maximumAuthenticationAge = .seconds(-1) }
        }
        expectRefusal(naming: "postLogoutRedirectURI") {
            try Self.configuration { $0.postLogoutRedirectURI = "javascript:alert(1)" }
        }
    }

    @Test("FA-16 a skew of five minutes, which would accept expired tokens, is refused")
    func skew() throws {
        expectRefusal(naming: "clockSkew") { try Self.configuration { $0.clockSkew = .seconds(300) } }
        expectRefusal(naming: "clockSkew") { try Self.configuration { $0.clockSkew = .seconds(-1) } }
        #expect(try Self.configuration { $0.clockSkew = .seconds(299) }.options.clockSkew == .seconds(299))
    }

    @Test("ID-05 no algorithm can be named that lets a shared secret or nobody sign")
    func algorithmNames() {
        for name in ["none", "NONE", "HS256", "HS384", "HS512", "es256", "", "ES256K", "RSA-OAEP"] {
            #expect(SigningAlgorithm(name: name) == nil)
        }
    }

    @Test("A configuration printed in any way shows no secret")
    func printing() throws {
        let configuration = try Self.configuration(secret: "very-secret")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("very-secret"))
        }
    }
}
