import Crypto
import CryptoExtras
import Foundation
public import OpenIDConnect

/// A signing key of the provider, made with swift-crypto alone: what checks the signatures is another library.
public struct ScriptedKey: Sendable {
    enum Material: Sendable {
        case p256(P256.Signing.PrivateKey)
        case p384(P384.Signing.PrivateKey)
        case p521(P521.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    /// The key id; nil publishes and signs without one.
    public var kid: String?

    /// The name that goes into `alg`.
    public var algorithm: String

    let material: Material

    /// RSA keys take long to make, so the process has these few and shares them.
    private static let rsaKeys: [_RSA.Signing.PrivateKey] = (0..<2).compactMap { _ in
        try? _RSA.Signing.PrivateKey(keySize: .bits2048)
    }

    /// A key for this algorithm.
    ///
    /// New material each time, but for RSA, where `number` 0 and 1 choose one of two that the process shares.
    public init(_ algorithm: String = "ES256", kid: String? = Base64URL.random(6), number: Int = 0) {
        self.algorithm = algorithm
        self.kid = kid
        switch algorithm {
        case "ES384": material = .p384(P384.Signing.PrivateKey())
        case "ES512": material = .p521(P521.Signing.PrivateKey())
        case "EdDSA", "Ed25519": material = .ed25519(Curve25519.Signing.PrivateKey())
        case "ES256": material = .p256(P256.Signing.PrivateKey())
        default: material = .rsa(Self.rsaKeys[number])
        }
    }

    /// The same material under another name.
    public func renamed(kid: String?, algorithm: String? = nil) -> ScriptedKey {
        var key = self
        key.kid = kid
        key.algorithm = algorithm ?? self.algorithm
        return key
    }

    /// The public half as a JWK.
    public var publicJWK: [String: JSONValue] {
        var jwk: [String: JSONValue] = ["use": "sig", "alg": .string(algorithm)]
        jwk["kid"] = kid.map(JSONValue.string)
        switch material {
        case .p256(let key): jwk.merge(Self.coordinates(key.publicKey.rawRepresentation, "P-256")) { _, new in new }
        case .p384(let key): jwk.merge(Self.coordinates(key.publicKey.rawRepresentation, "P-384")) { _, new in new }
        case .p521(let key): jwk.merge(Self.coordinates(key.publicKey.rawRepresentation, "P-521")) { _, new in new }
        case .ed25519(let key):
            jwk["kty"] = "OKP"
            jwk["crv"] = "Ed25519"
            jwk["x"] = .string(Base64URL.encode(key.publicKey.rawRepresentation))
        case .rsa(let key):
            jwk["kty"] = "RSA"
            if let numbers = try? key.publicKey.getKeyPrimitives() {
                jwk["n"] = .string(Base64URL.encode(numbers.modulus))
                jwk["e"] = .string(Base64URL.encode(numbers.publicExponent))
            }
        }
        return jwk
    }

    /// The public half as PEM, which a forger might use as a shared secret.
    public var publicPEM: String {
        switch material {
        case .p256(let key): key.publicKey.pemRepresentation
        case .p384(let key): key.publicKey.pemRepresentation
        case .p521(let key): key.publicKey.pemRepresentation
        case .ed25519(let key): Base64URL.encode(key.publicKey.rawRepresentation)
        case .rsa(let key): key.publicKey.pemRepresentation
        }
    }

    /// Signs in the form that JWS wants.
    public func sign(_ bytes: [UInt8]) throws -> [UInt8] {
        switch material {
        case .p256(let key): Array(try key.signature(for: SHA256.hash(data: bytes)).rawRepresentation)
        case .p384(let key): Array(try key.signature(for: SHA384.hash(data: bytes)).rawRepresentation)
        case .p521(let key): Array(try key.signature(for: SHA512.hash(data: bytes)).rawRepresentation)
        case .ed25519(let key): Array(try key.signature(for: bytes))
        case .rsa(let key):
            switch algorithm {
            case "RS384":
                Array(try key.signature(for: SHA384.hash(data: bytes), padding: .insecurePKCS1v1_5).rawRepresentation)
            case "RS512":
                Array(try key.signature(for: SHA512.hash(data: bytes), padding: .insecurePKCS1v1_5).rawRepresentation)
            case "PS256": Array(try key.signature(for: SHA256.hash(data: bytes), padding: .PSS).rawRepresentation)
            case "PS384": Array(try key.signature(for: SHA384.hash(data: bytes), padding: .PSS).rawRepresentation)
            case "PS512": Array(try key.signature(for: SHA512.hash(data: bytes), padding: .PSS).rawRepresentation)
            default:
                Array(try key.signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5).rawRepresentation)
            }
        }
    }

    /// The ES256 signature in ASN.1 form, which JWS does not allow.
    public func signDER(_ bytes: [UInt8]) throws -> [UInt8] {
        guard case .p256(let key) = material else { return [] }
        return Array(try key.signature(for: SHA256.hash(data: bytes)).derRepresentation)
    }

    private static func coordinates(_ raw: Data, _ curve: String) -> [String: JSONValue] {
        [
            "kty": "EC", "crv": .string(curve),
            "x": .string(Base64URL.encode(raw.prefix(raw.count / 2))),
            "y": .string(Base64URL.encode(raw.suffix(raw.count / 2))),
        ]
    }
}
