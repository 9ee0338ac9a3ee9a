import Crypto

/// A JWS algorithm with a shared secret (RFC 7518 section 3.2), which this client signs with and never verifies.
package enum MACAlgorithm: String, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"

    /// A shorter secret must not be used: as many bytes as the hash has.
    var minimumSecretBytes: Int {
        switch self {
        case .hs256: 32
        case .hs384: 48
        case .hs512: 64
        }
    }

    func code(for bytes: [UInt8], secret: String) -> [UInt8] {
        // Core section 10.1: the bytes of the secret in UTF-8 are the key.
        let key = SymmetricKey(data: Array(secret.utf8))
        return switch self {
        case .hs256: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        case .hs384: Array(HMAC<SHA384>.authenticationCode(for: bytes, using: key))
        case .hs512: Array(HMAC<SHA512>.authenticationCode(for: bytes, using: key))
        }
    }
}
