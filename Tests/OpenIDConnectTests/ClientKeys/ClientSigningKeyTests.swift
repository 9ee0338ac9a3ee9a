import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("The client's own keys")
struct ClientSigningKeyTests {
    static let algorithms = ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"]

    @Test("The same key is read from PEM and from a JWK", arguments: algorithms)
    func forms(_ algorithm: String) throws {
        let key = ScriptedKey(algorithm, kid: "k1")
        var jwk = try key.privateJWK()
        let fromPEM = try key.signingKey()
        let fromJWK = try ClientSigningKey(Secret(JSONValue.object(jwk).serialized()))
        for read in [fromPEM, fromJWK] {
            #expect(read.publicJWK == key.publicJWK)
            #expect(read.thumbprint == ScriptedKey.thumbprint(of: key.publicJWK))
            #expect(read.algorithm.name == algorithm)
        }
        // Without `alg` the type of the key decides.
        jwk["alg"] = nil
        let usual = try ClientSigningKey(Secret("\n " + JSONValue.object(jwk).serialized()))
        #expect(usual.algorithm.name == (algorithm == "PS256" ? "RS256" : algorithm))
        #expect(try ClientSigningKey(Secret(key.privatePEM)).keyID == nil)
    }

    @Test("The thumbprint is that of RFC 8037 appendix A.3")
    func thumbprint() throws {
        let key = try ClientSigningKey(Secret(Self.example))
        #expect(key.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    }

    private static let example =
        #"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","#
        + #""x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#

    struct Unusable: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: @Sendable () throws -> String
        var algorithm: String?
        var keyID: String?

        init(
            _ name: String,
            algorithm: String? = nil,
            keyID: String? = nil,
            _ text: @escaping @Sendable () throws -> String
        ) {
            testDescription = name
            self.text = text
            self.algorithm = algorithm
            self.keyID = keyID
        }

        /// The example with members set, or removed by nil.
        init(_ name: String, _ changes: [String: JSONValue?], of key: ScriptedKey? = nil) {
            self.init(name) {
                var jwk = try (key ?? ScriptedKey("ES256")).privateJWK()
                for (member, value) in changes { jwk[member] = value }
                return JSONValue.object(jwk).serialized()
            }
        }
    }

    static let unusable = [
        Unusable("nothing") { "" },
        Unusable("a file name") { "/run/secrets/client.pem" },
        Unusable("a public key") { ScriptedKey("ES256").publicPEM },
        Unusable("a public JWK") { JSONValue.object(ScriptedKey("ES256").publicJWK).serialized() },
        Unusable("an encrypted key") {
            ScriptedKey("RS256").privatePEM.replacingOccurrences("PRIVATE KEY", with: "ENCRYPTED PRIVATE KEY")
        },
        Unusable("a key of X25519") {
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEIHcHbQpzGKV9PBbBclGyZkXfTC+H68CZKrF3+6UduSwq\n"
                + "-----END PRIVATE KEY-----"
        },
        Unusable("an RSA key of 1024 bits") { try ScriptedKey.shortRSAKey() },
        Unusable("a member twice") { #"{"kty":"oct","kty":"oct","d":"AA"}"# },
        Unusable("a shared secret") { #"{"kty":"oct","k":"AAAA","d":"AAAA"}"# },
        Unusable("a key too long to be one") { String(repeating: "a", count: 1 << 20) },
        Unusable("RS256 with an EC key", algorithm: "RS256") { ScriptedKey("ES256").privatePEM },
        Unusable("ES384 with P-256", algorithm: "ES384") { ScriptedKey("ES256").privatePEM },
        Unusable("ES256 with Ed25519", algorithm: "ES256") { ScriptedKey("EdDSA").privatePEM },
        Unusable("EdDSA with RSA", algorithm: "EdDSA") { ScriptedKey("RS256").privatePEM },
        Unusable("RS256 with a JWK for PS256", algorithm: "RS256") {
            JSONValue.object(try ScriptedKey("PS256").privateJWK()).serialized()
        },
        Unusable("a key id of a line break", keyID: "a\nb") { ScriptedKey("ES256").privatePEM },
        Unusable("a key id of 257 bytes", keyID: String(repeating: "k", count: 257)) {
            ScriptedKey("ES256").privatePEM
        },
        Unusable("for encryption", ["use": "enc"]),
        Unusable("for verifying only", ["key_ops": ["verify"]]),
        Unusable("for HS256", ["alg": "HS256"]),
        Unusable("kid is a number", ["kid": 1]),
        Unusable("without the public half", ["x": nil]),
        Unusable("with another public half", ["x": ScriptedKey("ES256").publicJWK["x"]]),
        Unusable(
            "with another modulus",
            ["n": ScriptedKey("RS256", number: 1).publicJWK["n"]],
            of: ScriptedKey("RS256")
        ),
        Unusable("RSA without its primes", ["p": nil, "q": nil], of: ScriptedKey("RS256")),
        Unusable("a private number of other length", ["d": "AAAA"]),
    ]

    @Test("A key that can't be used is refused when it is read, and shows nowhere", arguments: unusable)
    func refusals(_ unusable: Unusable) throws {
        let text = try unusable.text()
        let algorithm = try unusable.algorithm.map { try #require(SigningAlgorithm(name: $0)) }
        let error = #expect(throws: OpenIDConnectError.self) {
            try ClientSigningKey(Secret(text), algorithm: algorithm, keyID: unusable.keyID)
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.hasPrefix("private key: ") == true)
        for line in text.split(separator: "\n") where line.utf8.count > 20 && !line.hasPrefix("-") {
            #expect(!String(reflecting: error).contains(line))
        }
    }

    @Test("AD-log a key printed in any way shows its algorithm and name only", arguments: algorithms)
    func printed(_ algorithm: String) throws {
        let scripted = ScriptedKey(algorithm, kid: "k1")
        let key = try scripted.signingKey()
        let secret = try #require(try scripted.privateJWK()["d"]?.stringValue)
        var options = ProviderConfiguration.Options()
        options.clientKey = key
        options.dpopKey = key
        var dumped = ""
        dump(options, to: &dumped)
        for text in ["\(key)", String(reflecting: key), "\(options)", String(reflecting: options), dumped] {
            #expect(!text.contains(secret) && !text.contains("PrivateKey"))
        }
        #expect("\(key)" == "\(algorithm) key k1")
    }
}

extension String {
    fileprivate func replacingOccurrences(_ text: String, with other: String) -> String {
        split(separator: text, omittingEmptySubsequences: false).joined(separator: other)
    }
}
