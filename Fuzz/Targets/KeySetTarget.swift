@testable import OpenIDConnect
@testable import WireText

extension FuzzTarget {
    /// The provider's published keys.
    static let keySet = FuzzTarget(
        name: "jwks",
        maximumBytes: 65_536,
        dictionary: [
            "{\"keys\":[", "\"kty\":\"RSA\"", "\"kty\":\"EC\"", "\"kty\":\"OKP\"", "\"crv\":\"P-256\"",
            "\"crv\":\"P-384\"",
            "\"crv\":\"P-521\"", "\"crv\":\"Ed25519\"", "\"use\":\"sig\"", "\"key_ops\":[\"verify\"]", "\"kid\":\"k\"",
            "\"alg\":\"ES256\"", "\"n\":\"", "\"e\":\"AQAB\"", "\"x\":\"", "\"y\":\"",
        ]
    ) { bytes in
        guard let members = JSONReader.readObject(bytes, limits: .foreignList), let set = JSONWebKeySet(members) else {
            return
        }
        try expect((1...JSONWebKeySet.maximumKeys).contains(set.keys.count), "\(set.keys.count) keys")
        let text = JSONValue.object(members).serialized()
        let again = JSONReader.readObject(Array(text.utf8), limits: .foreignList).flatMap(JSONWebKeySet.init)
        try expect(again == set, "other keys when the set is written and read again")
        for key in set.keys { try checkMaterial(key) }
        for algorithm in SigningAlgorithm.standard {
            let anyone = set.candidates(for: algorithm, kid: nil)
            let named = set.candidates(for: algorithm, kid: "k")
            try expect(max(anyone.count, named.count) <= JSONWebKeySet.maximumCandidates, "too many candidates")
            try expect((anyone + named).allSatisfy { $0.fits(algorithm) }, "a candidate of another kind")
            try expect(named.allSatisfy { $0.kid == "k" }, "a candidate of another name")
            guard let key = anyone.first else { continue }
            // Whatever the key is, nobody has signed with it.
            for signature in signatures(for: key) {
                let isValid = await SignatureVerifier.isValid(signature, of: [1], by: key, algorithm: algorithm)
                try expect(!isValid, "a made-up signature is valid")
            }
        }
    }

    private static func signatures(for key: JSONWebKey) -> [[UInt8]] {
        let length =
            switch key.material {
            case .rsa(_, _, let bytes): bytes
            case .p256, .ed25519: 64
            case .p384: 96
            case .p521: 132
            }
        return [[UInt8](repeating: 0, count: length), [UInt8](repeating: 1, count: length), []]
    }

    private static func checkMaterial(_ key: JSONWebKey) throws {
        func bytes(_ text: String) -> [UInt8] { Base64URL.decode(text.utf8) ?? [] }
        switch key.material {
        case .rsa(let modulus, let exponent, _):
            let bits = bytes(modulus).drop { $0 == 0 }
            try expect((256...1024).contains(bits.count), "an RSA key of \(bits.count) bytes")
            try expect(bytes(exponent).last.map { $0 % 2 == 1 } == true, "an even exponent")
            try expect(bytes(exponent).drop { $0 == 0 } != [1], "an exponent of 1")
        case .p256(let x, let y): try expect(bytes(x).count == 32 && bytes(y).count == 32, "P-256")
        case .p384(let x, let y): try expect(bytes(x).count == 48 && bytes(y).count == 48, "P-384")
        case .p521(let x, let y): try expect(bytes(x).count == 66 && bytes(y).count == 66, "P-521")
        case .ed25519(let x): try expect(bytes(x).count == 32, "Ed25519")
        }
    }
}
