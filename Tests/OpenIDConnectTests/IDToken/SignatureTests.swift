import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Signature of the ID token")
struct SignatureTests {
    static let names = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
    ]

    @Test("CF-09 every allowed algorithm verifies", arguments: names)
    func verifies(_ name: String) async throws {
        try await Acceptance(name, keys: [ScriptedKey(name)]).check()
    }

    @Test("CF-11 CF-12 ID-10 a spoilt signature is refused, whatever the algorithm", arguments: names)
    func broken(_ name: String) async throws {
        for fault in [Misbehaviour.SignatureFault.broken, .zero, .empty, .short, .long] {
            let refusal = Refusal("", .idTokenSignature(fault), gives: .idTokenSignature, keys: [ScriptedKey(name)])
            try await refusal.check()
        }
    }

    @Test("ID-10 ASN.1 instead of the raw form is refused")
    func asn1() async throws {
        try await Refusal("", .idTokenSignature(.der), gives: .idTokenSignature).check()
    }

    @Test("An algorithm that is not allowed is refused", arguments: algorithmsCases)
    func algorithms(_ refusal: Refusal) async throws {
        try await refusal.check()
    }

    private static let rsa = [ScriptedKey("RS256", kid: "r")]

    static let algorithmsCases: [Refusal] = [
        Refusal("CF-10 FA-14 ID-05 PT-03 none", .idTokenSignature(.unsigned), gives: .idTokenAlgorithm),
        Refusal(
            "ID-05 NONE",
            .idTokenSignature(.unsigned),
            .idTokenHeader("alg", "NONE"),
            gives: .idTokenAlgorithm
        ),
        Refusal(
            "ID-05 nOnE",
            .idTokenSignature(.unsigned),
            .idTokenHeader("alg", "nOnE"),
            gives: .idTokenAlgorithm
        ),
        Refusal("ID-05 no alg", .idTokenHeader("alg", nil), gives: .idTokenAlgorithm),
        Refusal("ID-05 alg is a number", .idTokenHeader("alg", 256), gives: .idTokenAlgorithm),
        Refusal("ID-05 alg in another case", .idTokenHeader("alg", "es256"), gives: .idTokenAlgorithm),
        Refusal(
            "CF-13 HS256 with the client secret",
            .idTokenSignature(.hmacWithClientSecret),
            gives: .idTokenAlgorithm
        ),
        Refusal(
            "PT-18 none, although the metadata offers nothing else",
            .metadata("id_token_signing_alg_values_supported", ["none"]),
            .idTokenSignature(.unsigned),
            gives: .idTokenAlgorithm
        ),
        Refusal(
            "PT-18 CF-13 HS256 although the metadata offers it",
            .metadata("id_token_signing_alg_values_supported", ["RS256", "HS256", "none"]),
            .idTokenSignature(.hmacWithClientSecret),
            gives: .idTokenAlgorithm
        ),
        Refusal(
            "ID-06 PT-01 HS256 with the PEM of the RSA key",
            .idTokenSignature(.hmacWithPEM),
            gives: .idTokenAlgorithm,
            keys: rsa
        ),
        Refusal(
            "ID-06 HS256 with the number of the RSA key",
            .idTokenSignature(.hmacWithJWK),
            gives: .idTokenAlgorithm,
            keys: rsa
        ),
        Refusal(
            "FA-15 genuine, but not announced",
            .metadata("id_token_signing_alg_values_supported", ["RS256"]),
            gives: .idTokenAlgorithm
        ),
    ]

    @Test("FA-15 a genuine signature by an algorithm that this client does not allow is refused")
    func alternateAlgorithm() async throws {
        let es256 = ScriptedKey("ES256")
        let rs256 = ScriptedKey("RS256")
        let refusal = Refusal("", .idTokenKey(rs256), gives: .idTokenAlgorithm, keys: [es256, rs256])
        try await refusal.check { $0.allowedAlgorithms = [.es256] }
    }

    @Test("ID-10 a high-S signature is accepted: JWS knows no rule against it")
    func highS() async throws {
        let provider = ScriptedProvider(keys: [ScriptedKey("ES256", kid: "e")])
        let browser = try Browser(provider)
        let first = try await browser.login().tokens.idToken.reveal()

        let request = try await browser.relyingParty.authorizationRequest()
        let answer = try provider.authorize(request.url)
        let parts = first.split(separator: ".").map(String.init)
        let payload = String(decoding: Base64URL.decode(parts[1]), as: UTF8.self)
            .replacing(/"nonce":"[^"]*"/, with: #""nonce":"\#(request.nonce.reveal())""#)
            .replacing(/"at_hash":"[^"]*",/, with: "")
        let token = try provider.sign(
            header: ["alg": "ES256", "kid": "e"],
            payload: Array(payload.utf8),
            key: provider.keys[0]
        )
        var signature = Base64URL.decode(String(token.split(separator: ".")[2]))
        signature.replaceSubrange(32..., with: P256Order.minus(Array(signature[32...])))
        let flipped = token.split(separator: ".")[..<2].joined(separator: ".") + "." + Base64URL.encode(signature)
        #expect(flipped != token)
        provider.misbehave(.idTokenReplaced(flipped))
        _ = try await browser.exchange(answer.query, for: request)
    }
}

private enum P256Order {
    static let bytes: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ]

    /// The order minus this number.
    static func minus(_ number: [UInt8]) -> [UInt8] {
        var borrow = 0
        var result = bytes
        for index in bytes.indices.reversed() {
            let difference = Int(bytes[index]) - Int(number[index]) - borrow
            borrow = difference < 0 ? 1 : 0
            result[index] = UInt8(truncatingIfNeeded: difference)
        }
        return result
    }
}
