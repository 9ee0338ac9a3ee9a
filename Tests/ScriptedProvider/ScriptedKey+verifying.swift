import Crypto
import CryptoExtras
import Foundation
public import OpenIDConnect

extension ScriptedKey {
    /// Whether the holder of this public JWK signed these bytes so; made with swift-crypto alone.
    public static func isValid(
        _ signature: [UInt8],
        of bytes: [UInt8],
        by key: [String: JSONValue],
        algorithm: String
    ) -> Bool {
        func number(_ name: String) -> [UInt8] { Base64URL.decode(key[name]?.stringValue ?? "") }
        do {
            switch (key["kty"], key["crv"], algorithm) {
            case ("EC", "P-256", "ES256"):
                return try P256.Signing.PublicKey(rawRepresentation: number("x") + number("y"))
                    .isValidSignature(.init(rawRepresentation: signature), for: SHA256.hash(data: bytes))
            case ("EC", "P-384", "ES384"):
                return try P384.Signing.PublicKey(rawRepresentation: number("x") + number("y"))
                    .isValidSignature(.init(rawRepresentation: signature), for: SHA384.hash(data: bytes))
            case ("EC", "P-521", "ES512"):
                return try P521.Signing.PublicKey(rawRepresentation: number("x") + number("y"))
                    .isValidSignature(.init(rawRepresentation: signature), for: SHA512.hash(data: bytes))
            case ("OKP", "Ed25519", "EdDSA"), ("OKP", "Ed25519", "Ed25519"):
                return try Curve25519.Signing.PublicKey(rawRepresentation: number("x"))
                    .isValidSignature(signature, for: bytes)
            case ("RSA", nil, _):
                let key = try _RSA.Signing.PublicKey(n: number("n"), e: number("e"))
                let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
                let padding: _RSA.Signing.Padding = algorithm.hasPrefix("PS") ? .PSS : .insecurePKCS1v1_5
                return switch algorithm {
                case "RS256", "PS256": key.isValidSignature(signature, for: SHA256.hash(data: bytes), padding: padding)
                case "RS384", "PS384": key.isValidSignature(signature, for: SHA384.hash(data: bytes), padding: padding)
                case "RS512", "PS512": key.isValidSignature(signature, for: SHA512.hash(data: bytes), padding: padding)
                default: false
                }
            default: return false
            }
        } catch {
            return false
        }
    }

    /// The private half as PEM (PKCS #8), as a client keeps it in a file.
    public var privatePEM: String {
        switch material {
        case .p256(let key): key.pemRepresentation
        case .p384(let key): key.pemRepresentation
        case .p521(let key): key.pemRepresentation
        case .ed25519(let key): key.pemRepresentation
        case .rsa(let key): key.pkcs8PEMRepresentation
        }
    }

    /// An RSA key of 1024 bits as PEM, which nobody may sign with any more.
    public static func shortRSAKey() throws -> String {
        try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1024)).pkcs8PEMRepresentation
    }

    /// RFC 7638, spelled out.
    public static func thumbprint(of key: [String: JSONValue]) -> String {
        func text(_ name: String) -> String { key[name]?.stringValue ?? "" }
        let json =
            switch key["kty"] {
            case "RSA": #"{"e":"\#(text("e"))","kty":"RSA","n":"\#(text("n"))"}"#
            case "OKP": #"{"crv":"Ed25519","kty":"OKP","x":"\#(text("x"))"}"#
            default: #"{"crv":"\#(text("crv"))","kty":"EC","x":"\#(text("x"))","y":"\#(text("y"))"}"#
            }
        return Base64URL.encode(Data(SHA256.hash(data: Data(json.utf8))))
    }
}
