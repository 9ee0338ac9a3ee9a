import Crypto
import CryptoExtras
import WireText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The RS256 key of the provider: every OpenID provider must know this algorithm (Discovery 1.0, section 3).
struct SigningKey: Sendable {
    private let key: _RSA.Signing.PrivateKey
    /// The key's RFC 7638 thumbprint, so that a new key never has an old key's id.
    let id: String
    let jwk: JSONWebKey

    init(_ key: _RSA.Signing.PrivateKey) throws {
        self.key = key
        let primitives = try key.publicKey.getKeyPrimitives()
        let modulus = Base64URL.encode(primitives.modulus)
        let exponent = Base64URL.encode(primitives.publicExponent)
        // RFC 7638, section 3.3: required members only, in lexicographic order, without white space.
        let canonical = #"{"e":"\#(exponent)","kty":"RSA","n":"\#(modulus)"}"#
        id = Base64URL.encode(Array(SHA256.hash(data: Array(canonical.utf8))))
        jwk = JSONWebKey(kid: id, n: modulus, e: exponent)
    }

    /// A key of 2048 bits.
    static func generate() throws -> SigningKey {
        try SigningKey(_RSA.Signing.PrivateKey(keySize: .bits2048))
    }

    /// Reads a key that ``pem`` has written.
    init(pem: String) throws {
        try self.init(_RSA.Signing.PrivateKey(pemRepresentation: pem))
    }

    var pem: String { key.pemRepresentation }

    func signature(for bytes: Data) throws -> Data {
        try key.signature(for: bytes, padding: .insecurePKCS1v1_5).rawRepresentation
    }

    func isValid(_ signature: some DataProtocol, for bytes: Data) -> Bool {
        key.publicKey.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: Data(signature)),
            for: bytes,
            padding: .insecurePKCS1v1_5
        )
    }
}

/// The public half, as `/jwks` shows it (RFC 7517).
struct JSONWebKey: Encodable, Sendable {
    var kty = "RSA"
    var use = "sig"
    var alg = "RS256"
    var kid: String
    var n: String
    var e: String
}
