import Crypto
import WireText

extension RandomToken {
    /// What is stored in place of the token, so that the state file holds none.
    ///
    /// Comparing digests also takes the timing out of comparing tokens.
    static func digest(_ token: String) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Array(token.utf8))))
    }
}
