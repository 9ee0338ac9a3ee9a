import Crypto

/// Unguessable values, and the form in which they are kept.
enum RandomToken {
    /// 256 random bits as 43 characters.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// What is stored in place of the token, so that the state file holds none.
    ///
    /// Comparing digests also takes the timing out of comparing tokens.
    static func digest(_ token: String) -> String {
        Base64URL.encode(SHA256.hash(data: Array(token.utf8)))
    }
}
