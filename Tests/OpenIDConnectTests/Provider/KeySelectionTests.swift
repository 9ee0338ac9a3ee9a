import OpenIDConnect
import ScriptedProvider
import Testing

@Suite("Choice of the key")
struct KeySelectionTests {
    @Test("DJ-06 a key with a member twice is left out, and the others stay")
    func ambiguousKey() async throws {
        let provider = ScriptedProvider()
        let good = JSONValue.array(provider.keys.map { .object($0.publicJWK) }).serialized()
        let body = #"{"keys":[{"kty":"RSA","kty":"EC"},{"kty":"EC","x":{"y":1,"y":1}},"# + good.dropFirst() + "}"
        var response = HTTPTransportResponse.json([:])
        response.body = Array(body.utf8)
        provider.misbehave(.answer(.keys, response))
        try await Browser(provider).login()
    }

    @Test("DJ-06 two lists of keys in one set are none")
    func ambiguousSet() async throws {
        let provider = ScriptedProvider()
        let good = JSONValue.array(provider.keys.map { .object($0.publicJWK) }).serialized()
        var response = HTTPTransportResponse.json([:])
        response.body = Array(#"{"keys":\#(good),"keys":\#(good)}"#.utf8)
        provider.misbehave(.answer(.keys, response))
        #expect(await (try Browser(provider)).loginError()?.code == .providerUnavailable)
    }

    @Test("CF-07 without kid the only key verifies")
    func singleKeyWithoutID() async throws {
        try await Acceptance("", keys: [ScriptedKey("RS256", kid: nil)]).check()
    }

    @Test("CF-08 without kid every key of the right type is tried, up to eight")
    func severalKeysWithoutID() async throws {
        let signing = ScriptedKey("ES256", kid: nil)
        func decoys(_ count: Int) -> [JSONValue] {
            (0..<count).map { _ in .object(ScriptedKey("ES256", kid: nil).publicJWK) }
        }
        let others: [JSONValue] = [.object(ScriptedKey("RS256", kid: nil).publicJWK)]
        try await Acceptance("", .decoyKeys(decoys(7) + others), keys: [signing]).check()
        try await Refusal("", .decoyKeys(decoys(8)), gives: .idTokenSignature, keys: [signing]).check()
    }

    @Test("DJ-06 RO-12 a key after the sixty-fourth of a set isn't looked at")
    func manyKeys() async throws {
        func decoys(_ count: Int) -> [JSONValue] {
            (0..<count).map { .object(ScriptedKey("ES256", kid: "decoy-\($0)").publicJWK) }
        }
        try await Acceptance("", .decoyKeys(decoys(63)), keys: [Self.good]).check()
        try await Refusal("", .decoyKeys(decoys(64)), gives: .idTokenKeyNotFound, keys: [Self.good]).check()
    }

    @Test("FA-01 of several keys with one kid those of the right alg and kty are tried")
    func decoysWithOneID() async throws {
        let decoys = [
            ScriptedKey("RS256", kid: "k"), ScriptedKey("ES384", kid: "k"), ScriptedKey("EdDSA", kid: "k"),
            ScriptedKey("ES256", kid: "k"),
        ]
        let published = decoys.map { JSONValue.object($0.publicJWK) }
        try await Acceptance("", .decoyKeys(published), keys: [ScriptedKey("ES256", kid: "k")]).check()
        try await Acceptance("", .decoyKeys(published), keys: [ScriptedKey("PS256", kid: "k", number: 1)]).check()
    }

    private static let good = ScriptedKey("ES256", kid: "k")
    private static let rsa = ScriptedKey("RS256", kid: "r")

    @Test("A key that does not fit in everything verifies nothing", arguments: misfitsCases)
    func misfits(_ refusal: Refusal) async throws {
        try await refusal.check()
    }

    static let misfitsCases: [Refusal] = [
        Refusal(
            "ID-04 another provider's key under our kid",
            .idTokenKey(ScriptedKey("ES256", kid: "k")),
            gives: .idTokenSignature,
            keys: [good]
        ),
        Refusal("ID-04 a key for encryption", .keyMember("use", "enc"), gives: .providerUnavailable, keys: [good]),
        Refusal(
            "ID-04 a key with other operations",
            .keyMember("key_ops", ["encrypt"]),
            gives: .providerUnavailable,
            keys: [good]
        ),
        Refusal("ID-04 the key names another alg", .keyMember("alg", "RS384"), gives: .idTokenKeyNotFound, keys: [rsa]),
        Refusal("ID-04 an EC key, RS256", .idTokenHeader("alg", "RS256"), gives: .idTokenKeyNotFound, keys: [good]),
        Refusal(
            "ID-04 an RSA key, PS256 although its alg is RS256",
            .metadata("id_token_signing_alg_values_supported", ["RS256", "PS256"]),
            .idTokenHeader("alg", "PS256"),
            gives: .idTokenKeyNotFound,
            keys: [rsa]
        ),
        Refusal(
            "ID-04 the token names no key of the set",
            .keyMember("kid", nil),
            gives: .idTokenKeyNotFound,
            keys: [good]
        ),
        Refusal("ID-04 the kid in another case", .keyMember("kid", "K"), gives: .idTokenKeyNotFound, keys: [good]),
        Refusal("ID-11 e is 1", .keyMember("e", "AQ"), gives: .providerUnavailable, keys: [rsa]),
        Refusal("ID-11 e is even", .keyMember("e", "AQAC"), gives: .providerUnavailable, keys: [rsa]),
        Refusal(
            "ID-11 1024 bits",
            .keyMember("n", .string(Base64URL.encode([UInt8](repeating: 0xC5, count: 128)))),
            gives: .providerUnavailable,
            keys: [rsa]
        ),
        Refusal(
            "ID-11 2047 bits",
            .keyMember("n", .string(Base64URL.encode([0x45] + [UInt8](repeating: 0xC5, count: 255)))),
            gives: .providerUnavailable,
            keys: [rsa]
        ),
        Refusal(
            "ID-11 more than 8192 bits",
            .keyMember("n", .string(Base64URL.encode([UInt8](repeating: 0xC5, count: 1025)))),
            gives: .providerUnavailable,
            keys: [rsa]
        ),
        Refusal("ID-11 e has 34 bits", .keyMember("e", "AgAAAAE"), gives: .providerUnavailable, keys: [rsa]),
        Refusal(
            "ID-11 512 bits behind zeros",
            .keyMember(
                "n",
                .string(Base64URL.encode([UInt8](repeating: 0, count: 192) + [UInt8](repeating: 0xC5, count: 64)))
            ),
            gives: .providerUnavailable,
            keys: [rsa]
        ),
    ]

    @Test("ID-07 PT-02 a key that the token brings along is not looked at", arguments: ["jwk", "jku", "x5u", "x5c"])
    func keyInToken(_ member: String) async throws {
        let attacker = ScriptedKey("ES256", kid: "k")
        let value: JSONValue =
            switch member {
            case "jwk": .object(attacker.publicJWK)
            case "x5c": ["MIIB"]
            default: "https://evil.example/keys"
            }
        let refusal = Refusal(
            "",
            .idTokenKey(attacker),
            .idTokenHeader(member, value),
            gives: .idTokenSignature,
            keys: [Self.good]
        )
        try await refusal.check()
        try await Acceptance("", .idTokenHeader(member, value)).check()
    }

    @Test("DJ-06 bad keys are left out, and the good one verifies", arguments: badKeysCases)
    func badKeys(_ key: BadKey) async throws {
        let provider = ScriptedProvider(keys: [Self.good])
        provider.misbehave(.decoyKeys([key.value]))
        try await Browser(provider).login()

        provider.misbehave(.publishedKeys([key.value]))
        #expect(await (try Browser(provider)).loginError() != nil)
    }

    struct BadKey: Sendable, CustomTestStringConvertible {
        let name: String
        let value: JSONValue
        var testDescription: String { name }

        init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    private static func changed(_ name: String, _ value: JSONValue?) -> JSONValue {
        var members = good.publicJWK
        members[name] = value
        return .object(members)
    }

    static let badKeysCases = [
        BadKey("no object", "key"), BadKey("null", .null), BadKey("empty", [:]),
        BadKey("unknown kty", changed("kty", "AKP")), BadKey("kty is a number", changed("kty", 1)),
        BadKey("unknown alg", changed("alg", "ES257")), BadKey("alg is null", changed("alg", .some(.null))),
        BadKey("unknown crv", changed("crv", "P-257")), BadKey("secp256k1", changed("crv", "secp256k1")),
        BadKey("no y", changed("y", nil)), BadKey("x is no base64url", changed("x", "+/==")),
        BadKey("x is short", changed("x", "AAAA")), BadKey("not on the curve", changed("x", changed32(1))),
        BadKey("kid is a number", changed("kid", 1)), BadKey("use is enc", changed("use", "enc")),
        BadKey("key_ops is a string", changed("key_ops", "verify")),
        BadKey("a shared secret", ["kty": "oct", "k": "c2VjcmV0", "kid": "k", "alg": "ES256"]),
        BadKey("RSA without n", ["kty": "RSA", "e": "AQAB", "kid": "k"]),
    ]

    private static func changed32(_ byte: UInt8) -> JSONValue {
        .string(Base64URL.encode([UInt8](repeating: byte, count: 32)))
    }

    @Test("DJ-06 private members of a published key change nothing")
    func privateMembers() async throws {
        try await Acceptance("", .keyMember("d", "AAAA"), keys: [Self.good]).check()
        try await Acceptance("", .keyMember("d", "AAAA"), keys: [Self.rsa]).check()
    }

    @Test("DJ-06 a key without alg verifies what its type can", arguments: ["RS256", "PS384", "ES256", "EdDSA"])
    func withoutAlgorithm(_ name: String) async throws {
        try await Acceptance("", .keyMember("alg", nil), keys: [ScriptedKey(name)]).check()
    }

    @Test("DJ-06 a key without alg is not bound to what the first token said")
    func notBoundToFirstToken() async throws {
        let key = ScriptedKey("RS512", kid: "r")
        let provider = ScriptedProvider(keys: [key])
        let offered = Misbehaviour.metadata("id_token_signing_alg_values_supported", ["RS256", "RS512"])
        let browser = try Browser(provider)
        provider.misbehave(.keyMember("alg", nil), offered)
        try await browser.login()
        provider.misbehave(.keyMember("alg", nil), offered, .idTokenKey(key.renamed(kid: "r", algorithm: "RS256")))
        try await browser.login()
    }

    @Test("DJ-11 two issuers with one kid keep their keys apart")
    func twoIssuers() async throws {
        let first = ScriptedProvider(issuer: "https://one.example", keys: [ScriptedKey(kid: "k")])
        let second = ScriptedProvider(issuer: "https://two.example", keys: [ScriptedKey(kid: "k")])
        let browsers = [try Browser(first), try Browser(second)]
        for browser in browsers { try await browser.login() }
        second.misbehave(.idTokenKey(first.keys[0]))
        #expect(await browsers[1].loginError()?.code == .idTokenSignature)
    }
}
