import Crypto
public import LoginFlow
public import Secrets
import Synchronization

/// The tokens that open a group of endpoints (RFC 6750); any of them will do, so that they can be rotated.
///
/// Only digests are kept. Copies share them, so that ``replace(with:)`` is seen wherever the tokens were handed to.
public struct BearerTokens: Sendable {
    /// A token is at least this long: what `openssl rand -base64 24` prints.
    public static let minimumLength = 32

    private final class Digests: Sendable {
        let values: Mutex<[SHA256Digest]>

        init(_ values: [SHA256Digest]) { self.values = Mutex(values) }
    }

    private let digests: Digests

    /// Reads a list, separated by commas; white space around a token doesn't belong to it.
    ///
    /// - Throws: ``LoginError/Code/misconfigured`` when the list is empty, or one of the tokens is shorter than
    ///   ``minimumLength`` or has characters that no header carries (RFC 6750 section 2.1). The message has no token.
    public init(_ list: Secret<String>) throws(LoginError) {
        var digests: [SHA256Digest] = []
        for part in list.reveal().split(separator: ",", omittingEmptySubsequences: false) {
            let token = part.trimmingSpaces.utf8
            guard token.count >= Self.minimumLength else {
                throw LoginError(
                    .misconfigured,
                    "a bearer token has at least \(Self.minimumLength) characters; make one with: openssl rand -base64 32"
                )
            }
            guard Self.isToken(token) else {
                throw LoginError(.misconfigured, "a bearer token has only letters, digits, and the characters -._~+/=")
            }
            digests.append(Self.digest(token))
        }
        self.digests = Digests(digests)
    }

    /// Takes other tokens in the place of these, from the next request on.
    public func replace(with others: BearerTokens) {
        let new = others.digests.values.withLock { $0 }
        digests.values.withLock { $0 = new }
    }

    /// Who presents a token, if it is one of these.
    ///
    /// Digests are compared, in a time that tells neither where two differ (swift-crypto's `safeCompare`) nor how long
    /// the right one is, and all of them, so that it doesn't tell which one fits either.
    func caller(presenting token: Substring.UTF8View) -> BearerCaller? {
        let presented = Self.digest(token)
        var isKnown = false
        for digest in digests.values.withLock({ $0 }) where digest == presented { isKnown = true }
        return isKnown ? BearerCaller(digest: presented) : nil
    }

    private static func digest(_ token: Substring.UTF8View) -> SHA256Digest {
        SHA256.hash(data: Array(token))
    }

    /// `b64token` of RFC 6750.
    package static func isToken(_ token: Substring.UTF8View) -> Bool {
        let body = token.prefix { $0 != UInt8(ascii: "=") }
        return !body.isEmpty && body.allSatisfy(isTokenCharacter)
            && token.dropFirst(body.count).allSatisfy { $0 == UInt8(ascii: "=") }
    }

    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}

extension BearerTokens: CustomStringConvertible, CustomReflectable {
    /// How many there are.
    public var description: String { "\(digests.values.withLock(\.count)) bearer token(s)" }

    /// A mirror without children: a digest lets somebody try weak tokens.
    public var customMirror: Mirror {
        Mirror(self, children: EmptyCollection<Mirror.Child>(), displayStyle: .struct)
    }
}
