import Crypto

/// A hash function of the SHA-2 family.
enum TokenHash {
    case sha256
    case sha384
    case sha512

    /// The left half of the hash, as `at_hash` holds it (Core section 3.1.3.6).
    func leftHalf(of text: String) -> String {
        let bytes = Array(text.utf8)
        let hash: [UInt8] =
            switch self {
            case .sha256: Array(SHA256.hash(data: bytes))
            case .sha384: Array(SHA384.hash(data: bytes))
            case .sha512: Array(SHA512.hash(data: bytes))
            }
        return Base64URL.encode(hash.prefix(hash.count / 2))
    }
}
