import Crypto
import CryptoExtras
public import Secrets

/// A private key of this client's, for one algorithm: it signs client assertions (RFC 7523) or DPoP proofs (RFC 9449).
///
/// The private half shows in no printed form.
public struct ClientSigningKey: Sendable {
    enum Material: Sendable {
        case rsa(_RSA.Signing.PrivateKey)
        case p256(P256.Signing.PrivateKey)
        case p384(P384.Signing.PrivateKey)
        case p521(P521.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    /// What the key signs with.
    public let algorithm: SigningAlgorithm

    /// The name under which the provider knows the key; nil leaves `kid` out of what is signed.
    public let keyID: String?

    let material: Material

    /// The members of the public key that RFC 7638 section 3.2 calls required.
    let publicMembers: [String: JSONValue]

    /// Reads a key.
    ///
    /// - Parameters:
    ///   - text: an unencrypted private key in PEM (PKCS #8), or a JWK (RFC 7517) with its private members. RSA keys have
    ///     2048 to 8192 bits.
    ///   - algorithm: nil takes the JWK's `alg`, else RS256, ES256, ES384, ES512 or EdDSA by the type of the key.
    ///   - keyID: nil takes the JWK's `kid`.
    /// - Throws: ``OpenIDConnectError/Code/invalidConfiguration`` for a key that can't be read or doesn't fit the algorithm;
    ///   nothing of the key is in the error.
    public init(
        _ text: Secret<String>,
        algorithm: SigningAlgorithm? = nil,
        keyID: String? = nil
    ) throws(OpenIDConnectError) {
        let parsed = try ParsedKey(text.reveal())
        if let algorithm, let own = parsed.algorithm, algorithm.canonical != own.canonical {
            throw Self.refusal("is for \(own), not for \(algorithm)")
        }
        self.algorithm = algorithm ?? parsed.algorithm ?? parsed.material.usualAlgorithm
        guard parsed.material.fits(self.algorithm) else { throw Self.refusal("can't sign with \(self.algorithm)") }
        self.keyID = keyID ?? parsed.keyID
        if let keyID = self.keyID {
            guard (1...CompactToken.maximumKeyIDBytes).contains(keyID.utf8.count), keyID.isPrintableASCII else {
                throw Self.refusal("must have a key id of 1 to 256 printable ASCII characters")
            }
        }
        material = parsed.material
        do {
            publicMembers = try material.publicMembers
        } catch {
            throw Self.refusal("has no public half")
        }
    }

    /// The public half as a JWK, to be registered at the provider.
    public var publicJWK: [String: JSONValue] {
        var key = publicMembers
        key["use"] = "sig"
        key["alg"] = .string(algorithm.name)
        key["kid"] = keyID.map(JSONValue.string)
        return key
    }

    /// The SHA-256 thumbprint of the public half (RFC 7638), which names the key in DPoP.
    public var thumbprint: String {
        // Serialised as section 3.3 demands: members in order, no white space.
        Base64URL.encode(Array(SHA256.hash(data: Array(JSONValue.object(publicMembers).serialized().utf8))))
    }

    static func refusal(_ reason: String) -> OpenIDConnectError {
        OpenIDConnectError(.invalidConfiguration, "private key: \(reason)")
    }
}

extension ClientSigningKey: Equatable {
    /// Whether both sign the same with the same key, by its public half.
    public static func == (left: ClientSigningKey, right: ClientSigningKey) -> Bool {
        left.publicMembers == right.publicMembers && left.algorithm == right.algorithm && left.keyID == right.keyID
    }
}

extension ClientSigningKey: CustomStringConvertible, CustomReflectable {
    /// Algorithm and key id.
    public var description: String { "\(algorithm) key" + (keyID.map { " \($0)" } ?? "") }

    /// A mirror without the key itself.
    public var customMirror: Mirror { Mirror(self, children: ["algorithm": algorithm.name]) }
}
