import JWTKit

/// The one place that calls jwt-kit, and for signatures only.
///
/// jwt-kit is given one key of a known type with a known algorithm, and bytes. It parses neither headers nor claims
/// here, and chooses no key: for an unknown `kid` it would take the first key it has, for a key without `alg` it would
/// remember whatever the first token said, and an empty `aud` array would end the process.
enum SignatureVerifier {
    /// Whether `signature` is this key's for these bytes; false as well for whatever cannot be a signature.
    static func isValid(
        _ signature: [UInt8],
        of bytes: [UInt8],
        by key: JSONWebKey,
        algorithm: SigningAlgorithm
    ) async -> Bool {
        guard key.fits(algorithm), signature.count == length(of: key), let jwk = jwk(key, algorithm) else {
            return false
        }
        do {
            let engine = try await JWTKeyCollection().add(jwk: jwk).getKey()
            return try engine.verify(signature, signs: bytes)
        } catch {
            return false
        }
    }

    /// RFC 7518 sections 3.3 and 3.4, RFC 8037 section 3.1: exact lengths, so ASN.1 forms and padding fail here.
    private static func length(of key: JSONWebKey) -> Int {
        switch key.material {
        case .rsa(_, _, let bytes): bytes
        case .p256, .ed25519: 64
        case .p384: 96
        case .p521: 132
        }
    }

    private static func jwk(_ key: JSONWebKey, _ algorithm: SigningAlgorithm) -> JWK? {
        guard let name = JWK.Algorithm(rawValue: algorithm.canonical.name) else { return nil }
        // jwt-kit wants some identifier; with one key it means nothing.
        let id = JWKIdentifier(string: "key")
        return switch key.material {
        case .rsa(let modulus, let exponent, _):
            JWK.rsa(name, identifier: id, modulus: modulus, exponent: exponent)
        case .p256(let x, let y): JWK.ecdsa(name, identifier: id, x: x, y: y, curve: .p256)
        case .p384(let x, let y): JWK.ecdsa(name, identifier: id, x: x, y: y, curve: .p384)
        case .p521(let x, let y): JWK.ecdsa(name, identifier: id, x: x, y: y, curve: .p521)
        case .ed25519(let x): JWK.octetKeyPair(name, identifier: id, x: x, y: nil, curve: .ed25519)
        }
    }
}
