import Crypto
import CryptoExtras

/// A private key as it was written down, with what stands beside it.
struct ParsedKey {
    /// Longer texts are no keys.
    private static let maximumBytes = 16 * 1024

    let material: ClientSigningKey.Material
    var algorithm: SigningAlgorithm?
    var keyID: String?

    init(_ text: String) throws(OpenIDConnectError) {
        guard text.utf8.count <= Self.maximumBytes else { throw ClientSigningKey.refusal("is too long") }
        let start = text.utf8.first { !" \t\r\n".utf8.contains($0) }
        if start == UInt8(ascii: "{") {
            try self.init(jwk: text)
        } else {
            try self.init(pem: text)
        }
    }

    // MARK: PEM

    private init(pem: String) throws(OpenIDConnectError) {
        material = try Self.material(pem: pem)
    }

    private static func material(pem: String) throws(OpenIDConnectError) -> ClientSigningKey.Material {
        guard let label = pemLabel(pem) else {
            throw ClientSigningKey.refusal("is neither a private key in PEM (PKCS #8) nor a JWK")
        }
        guard label != "ENCRYPTED PRIVATE KEY", !pem.contains("Proc-Type") else {
            throw ClientSigningKey.refusal("is encrypted; take the password off it")
        }
        guard label != "PUBLIC KEY", label != "CERTIFICATE" else {
            throw ClientSigningKey.refusal("is a \(label.lowercased()), where the private key is needed")
        }
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) { return .p256(key) }
        if let key = try? P384.Signing.PrivateKey(pemRepresentation: pem) { return .p384(key) }
        if let key = try? P521.Signing.PrivateKey(pemRepresentation: pem) { return .p521(key) }
        // Its own type of key agreement shares the form, so the algorithm's identifier is looked at here.
        if let seed = ed25519Seed(pem), let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) {
            return .ed25519(key)
        }
        if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem), key.keySizeInBits <= 8192 {
            return .rsa(key)
        }
        throw ClientSigningKey.refusal("is no RSA key of 2048 to 8192 bits, P-256, P-384, P-521 or Ed25519 key")
    }

    private static func pemLabel(_ pem: String) -> String? {
        let begin = "-----BEGIN "
        for line in pem.split(whereSeparator: \.isNewline) where line.hasPrefix(begin) && line.hasSuffix("-----") {
            return String(line.dropFirst(begin.count).dropLast(5))
        }
        return nil
    }

    /// RFC 8410 section 7: PKCS #8 version 1, the identifier of Ed25519, and 32 bytes.
    private static func ed25519Seed(_ pem: String) -> [UInt8]? {
        let prefix: [UInt8] = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20]
        let lines = pem.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-") }
        guard let bytes = Base64.decode(lines.joined()), bytes.count == 48, bytes.starts(with: prefix) else {
            return nil
        }
        return Array(bytes.dropFirst(prefix.count))
    }

    // MARK: JWK

    private init(jwk text: String) throws(OpenIDConnectError) {
        guard let members = JSONReader.readObject(Array(text.utf8)) else {
            throw ClientSigningKey.refusal("is no JSON object, or has a member twice")
        }
        // RFC 7517 sections 4.2 and 4.3
        if let use = members["use"], !use.isString("sig") { throw ClientSigningKey.refusal("is not for signatures") }
        if let operations = members["key_ops"], operations.stringArrayValue?.containsBytes(of: "sign") != true {
            throw ClientSigningKey.refusal("is not for signatures")
        }
        if let name = members["alg"] {
            guard let algorithm = name.stringValue.flatMap(SigningAlgorithm.init(name:)) else {
                throw ClientSigningKey.refusal("is for an algorithm that is not known")
            }
            self.algorithm = algorithm
        }
        if let name = members["kid"] {
            guard let keyID = name.stringValue else { throw ClientSigningKey.refusal("has a kid that is no string") }
            self.keyID = keyID
        }
        guard members["d"] != nil else { throw ClientSigningKey.refusal("has no private members") }
        guard let material = try? Self.material(members), (try? Self.agrees(material, with: members)) == true else {
            throw ClientSigningKey.refusal(
                "is no complete RSA key of 2048 to 8192 bits (n, e, d, p, q), P-256, P-384, P-521 or Ed25519 key"
            )
        }
        self.material = material
    }

    private static func material(_ members: [String: JSONValue]) throws -> ClientSigningKey.Material? {
        func number(_ name: String) -> [UInt8]? { members[name]?.stringValue.flatMap { Base64URL.decode($0.utf8) } }
        guard let type = members["kty"]?.stringValue, let secret = number("d") else { return nil }
        switch (type, members["crv"]?.stringValue) {
        case ("EC", "P-256"): return .p256(try P256.Signing.PrivateKey(rawRepresentation: secret))
        case ("EC", "P-384"): return .p384(try P384.Signing.PrivateKey(rawRepresentation: secret))
        case ("EC", "P-521"): return .p521(try P521.Signing.PrivateKey(rawRepresentation: secret))
        case ("OKP", "Ed25519"): return .ed25519(try Curve25519.Signing.PrivateKey(rawRepresentation: secret))
        case ("RSA", _):
            guard let n = number("n"), let e = number("e"), let p = number("p"), let q = number("q") else { return nil }
            let key = try _RSA.Signing.PrivateKey(n: n, e: e, d: secret, p: p, q: q)
            return key.keySizeInBits <= 8192 ? .rsa(key) : nil
        default: return nil
        }
    }

    /// Whether the public members are those of the private ones: the provider would refuse what a mixed-up key signs.
    private static func agrees(
        _ material: ClientSigningKey.Material,
        with members: [String: JSONValue]
    ) throws -> Bool {
        try material.publicMembers.allSatisfy { name, value in
            members[name].map { $0 == value } ?? false
        }
    }
}
