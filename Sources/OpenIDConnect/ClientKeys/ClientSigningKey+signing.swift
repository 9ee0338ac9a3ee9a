import Crypto
import CryptoExtras

extension ClientSigningKey {
    /// A signature in the form that JWS wants (RFC 7518 section 3, RFC 8037 section 3.1).
    func sign(_ bytes: [UInt8]) throws(OpenIDConnectError) -> [UInt8] {
        do {
            return try material.sign(bytes, algorithm.kind)
        } catch {
            throw OpenIDConnectError(.invalidConfiguration, "private key: can't sign", underlying: error)
        }
    }
}

extension ClientSigningKey.Material {
    /// The algorithm of a key that names none: the one of its type that most providers accept.
    var usualAlgorithm: SigningAlgorithm {
        switch self {
        case .rsa: .rs256
        case .p256: .es256
        case .p384: .es384
        case .p521: .es512
        case .ed25519: .eddsa
        }
    }

    func fits(_ algorithm: SigningAlgorithm) -> Bool {
        switch (self, algorithm.kind) {
        case (.rsa, .rs256), (.rsa, .rs384), (.rsa, .rs512), (.rsa, .ps256), (.rsa, .ps384), (.rsa, .ps512): true
        case (.p256, .es256), (.p384, .es384), (.p521, .es512): true
        case (.ed25519, .eddsa), (.ed25519, .ed25519): true
        default: false
        }
    }

    fileprivate func sign(_ bytes: [UInt8], _ algorithm: SigningAlgorithm.Kind) throws -> [UInt8] {
        switch self {
        case .p256(let key): Array(try key.signature(for: SHA256.hash(data: bytes)).rawRepresentation)
        case .p384(let key): Array(try key.signature(for: SHA384.hash(data: bytes)).rawRepresentation)
        case .p521(let key): Array(try key.signature(for: SHA512.hash(data: bytes)).rawRepresentation)
        case .ed25519(let key): Array(try key.signature(for: bytes))
        case .rsa(let key):
            switch algorithm {
            case .rs384: try Self.sign(SHA384.hash(data: bytes), key, .insecurePKCS1v1_5)
            case .rs512: try Self.sign(SHA512.hash(data: bytes), key, .insecurePKCS1v1_5)
            case .ps256: try Self.sign(SHA256.hash(data: bytes), key, .PSS)
            case .ps384: try Self.sign(SHA384.hash(data: bytes), key, .PSS)
            case .ps512: try Self.sign(SHA512.hash(data: bytes), key, .PSS)
            default: try Self.sign(SHA256.hash(data: bytes), key, .insecurePKCS1v1_5)
            }
        }
    }

    private static func sign(
        _ digest: some Digest,
        _ key: _RSA.Signing.PrivateKey,
        _ padding: _RSA.Signing.Padding
    ) throws -> [UInt8] {
        Array(try key.signature(for: digest, padding: padding).rawRepresentation)
    }

    /// `kty` and the numbers of the public key.
    var publicMembers: [String: JSONValue] {
        get throws {
            switch self {
            case .p256(let key): Self.members("P-256", Array(key.publicKey.rawRepresentation))
            case .p384(let key): Self.members("P-384", Array(key.publicKey.rawRepresentation))
            case .p521(let key): Self.members("P-521", Array(key.publicKey.rawRepresentation))
            case .ed25519(let key):
                [
                    "kty": "OKP", "crv": "Ed25519",
                    "x": .string(Base64URL.encode(Array(key.publicKey.rawRepresentation))),
                ]
            case .rsa(let key):
                try Self.members(key.publicKey.getKeyPrimitives())
            }
        }
    }

    /// RFC 7518 section 6.2.1: both coordinates in full length.
    private static func members(_ curve: String, _ point: [UInt8]) -> [String: JSONValue] {
        let half = point.count / 2
        return [
            "kty": "EC", "crv": .string(curve), "x": .string(Base64URL.encode(point[..<half])),
            "y": .string(Base64URL.encode(point[half...])),
        ]
    }

    /// RFC 7518 section 6.3.1: both numbers without leading zeros.
    private static func members(_ numbers: _RSA.Signing.PublicKey.Primitives) -> [String: JSONValue] {
        [
            "kty": "RSA", "n": .string(Base64URL.encode(Array(numbers.modulus.drop { $0 == 0 }))),
            "e": .string(Base64URL.encode(Array(numbers.publicExponent.drop { $0 == 0 }))),
        ]
    }
}
