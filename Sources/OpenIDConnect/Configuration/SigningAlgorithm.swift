/// A JWS algorithm that an ID token may be signed with (RFC 7518 section 3.1, RFC 8037, RFC 9864).
///
/// There is no `none` and there are no shared-secret algorithms: those would let whoever knows the client secret, or
/// nobody's secret at all, speak for the provider.
public struct SigningAlgorithm: Sendable, Hashable, CustomStringConvertible {
    enum Kind: String, CaseIterable {
        case rs256 = "RS256"
        case rs384 = "RS384"
        case rs512 = "RS512"
        case ps256 = "PS256"
        case ps384 = "PS384"
        case ps512 = "PS512"
        case es256 = "ES256"
        case es384 = "ES384"
        case es512 = "ES512"
        case eddsa = "EdDSA"
        case ed25519 = "Ed25519"
    }

    let kind: Kind

    private init(_ kind: Kind) { self.kind = kind }

    /// The algorithm of this registered name, compared byte by byte; nil for every other.
    public init?(name: String) {
        guard let kind = Kind.allCases.first(where: { $0.rawValue.hasSameBytes(as: name) }) else { return nil }
        self.kind = kind
    }

    /// The registered name.
    public var name: String { kind.rawValue }

    /// The registered name.
    public var description: String { kind.rawValue }

    /// RSASSA-PKCS1-v1_5 with SHA-256, the one that every provider must support.
    public static let rs256 = SigningAlgorithm(.rs256)
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    public static let rs384 = SigningAlgorithm(.rs384)
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    public static let rs512 = SigningAlgorithm(.rs512)
    /// RSASSA-PSS with SHA-256.
    public static let ps256 = SigningAlgorithm(.ps256)
    /// RSASSA-PSS with SHA-384.
    public static let ps384 = SigningAlgorithm(.ps384)
    /// RSASSA-PSS with SHA-512.
    public static let ps512 = SigningAlgorithm(.ps512)
    /// ECDSA on P-256 with SHA-256.
    public static let es256 = SigningAlgorithm(.es256)
    /// ECDSA on P-384 with SHA-384.
    public static let es384 = SigningAlgorithm(.es384)
    /// ECDSA on P-521 with SHA-512.
    public static let es512 = SigningAlgorithm(.es512)
    /// EdDSA, on Ed25519 only.
    public static let eddsa = SigningAlgorithm(.eddsa)
    /// The same under its fully specified name (RFC 9864).
    public static let ed25519 = SigningAlgorithm(.ed25519)

    /// What a client accepts unless told otherwise.
    public static let standard: [SigningAlgorithm] = [
        .rs256, .rs384, .rs512, .ps256, .ps384, .ps512, .es256, .es384, .es512, .eddsa, .ed25519,
    ]
}
