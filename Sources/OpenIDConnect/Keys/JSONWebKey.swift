/// The public half of a provider's signing key (RFC 7517), reduced to what checks a signature.
///
/// Each key is read by itself and leniently: one that this module cannot use is left out, and the rest stay. Shared
/// secrets (`oct`) are never keys here, and private members are not looked at.
struct JSONWebKey: Sendable, Hashable {
    enum Material: Sendable, Hashable {
        case rsa(modulus: String, exponent: String, bytes: Int)
        case p256(x: String, y: String)
        case p384(x: String, y: String)
        case p521(x: String, y: String)
        case ed25519(x: String)
    }

    let kid: String?
    /// The only algorithm that the key may be used with; nil leaves that to its type.
    let algorithm: SigningAlgorithm?
    let material: Material

    /// - Returns: nil for a key that no signature may be checked with.
    init?(_ value: JSONValue) {
        guard let members = value.objectValue, let kty = Self.word("kty", in: members) else { return nil }
        // RFC 7517 sections 4.2 and 4.3: an encryption key must not verify.
        if let use = members["use"], !use.isString("sig") { return nil }
        if let operations = members["key_ops"] {
            guard operations.stringArrayValue?.containsBytes(of: "verify") == true else { return nil }
        }
        switch members["kid"] {
        case nil: kid = nil
        case .string(let text) where text.utf8.count <= CompactToken.maximumKeyIDBytes: kid = text
        default: return nil
        }
        switch members["alg"] {
        case nil: algorithm = nil
        case .string(let name):
            guard let known = SigningAlgorithm(name: name) else { return nil }
            algorithm = known
        default: return nil
        }
        guard let material = Self.material(kty, members) else { return nil }
        self.material = material
    }

    private static func word(_ name: String, in members: [String: JSONValue]) -> String? {
        members[name]?.stringValue.flatMap { $0.isPrintableASCII ? $0 : nil }
    }

    private static func material(_ kty: String, _ members: [String: JSONValue]) -> Material? {
        func number(_ name: String) -> (text: String, bytes: [UInt8])? {
            guard let text = members[name]?.stringValue, text.utf8.count <= 2048 else { return nil }
            return Base64URL.decode(text.utf8).map { (text, $0) }
        }
        let curve = word("crv", in: members)
        switch (kty, curve) {
        case ("RSA", _):
            guard let modulus = number("n"), let exponent = number("e") else { return nil }
            let size = Array(modulus.bytes.drop { $0 == 0 })
            let power = exponent.bytes.drop { $0 == 0 }.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            // RFC 7518 section 3.3: 2048 bits or more. Above 8192 one signature costs a noticeable part of a second.
            guard (256...1024).contains(size.count), size.count > 256 || size[0] >= 0x80,
                // An exponent of 1 makes every text its own signature.
                exponent.bytes.count <= 8, power >= 3, power % 2 == 1, power < 1 << 33
            else { return nil }
            return .rsa(modulus: modulus.text, exponent: exponent.text, bytes: size.count)
        case ("EC", "P-256"), ("EC", "P-384"), ("EC", "P-521"):
            // RFC 7518 section 6.2.1.2: coordinates have the full length of the field.
            guard let x = number("x"), let y = number("y"), x.bytes.count == y.bytes.count else { return nil }
            switch (curve, x.bytes.count) {
            case ("P-256", 32): return .p256(x: x.text, y: y.text)
            case ("P-384", 48): return .p384(x: x.text, y: y.text)
            case ("P-521", 66): return .p521(x: x.text, y: y.text)
            default: return nil
            }
        case ("OKP", "Ed25519"):
            guard let x = number("x"), x.bytes.count == 32 else { return nil }
            return .ed25519(x: x.text)
        default: return nil
        }
    }

    /// Whether a signature by this algorithm may be checked with this key.
    func fits(_ requested: SigningAlgorithm) -> Bool {
        if let algorithm, algorithm.canonical != requested.canonical { return false }
        return switch (material, requested.kind) {
        case (.rsa, .rs256), (.rsa, .rs384), (.rsa, .rs512), (.rsa, .ps256), (.rsa, .ps384), (.rsa, .ps512): true
        case (.p256, .es256), (.p384, .es384), (.p521, .es512): true
        case (.ed25519, .eddsa), (.ed25519, .ed25519): true
        default: false
        }
    }
}
