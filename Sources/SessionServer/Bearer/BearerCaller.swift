import Crypto
import WireText

/// Somebody who has presented a token that opens the door.
struct BearerCaller: Sendable, Hashable {
    /// Tells the tokens of a list apart in the audit trail: 32 bits of a digest of the digest, which say nothing about
    /// a token of that length.
    let name: String

    init(digest: SHA256Digest) {
        let fingerprint = SHA256.hash(data: Array("oidc-sessions bearer".utf8) + Array(digest)).prefix(4)
        self.name = "token-" + Hexadecimal.encode(fingerprint)
    }
}
