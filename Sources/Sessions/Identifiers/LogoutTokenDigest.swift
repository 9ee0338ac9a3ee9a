import Crypto

/// What is stored of a logout token's `jti`: of one length, whatever the provider's are like.
enum LogoutTokenDigest {
    static func of(_ tokenID: String) -> String {
        Hexadecimal.encode(SHA256.hash(data: Array(tokenID.utf8)))
    }
}
