import Crypto
public import Secrets

/// The secret in a login cookie: names one started login, and can never name a session.
///
/// It is another type than ``SessionID`` and its digest lies in another domain, so that a login that was started
/// can't be presented as a session or the other way round (CVE-2023-48309).
public struct PendingLoginID: Sendable {
    // The NUL is no cookie octet: no id that `SessionID(documented:)` takes hashes to the same digest.
    private static let domain = Array("pending-login\0".utf8)

    private let text: String

    /// The primary key of the login's row: lower-case hexadecimal SHA-256 over the domain and the id.
    package let rowKey: String

    private init(validated text: String) {
        self.text = text
        self.rowKey = Hexadecimal.encode(SHA256.hash(data: Self.domain + Array(text.utf8)))
    }

    /// A fresh id from the system's random number generator.
    public init() {
        self.init(validated: RandomToken.make())
    }

    /// The id in a cookie, or nil when it isn't 43 characters of canonical base64url.
    public init?(_ cookieValue: String) {
        guard RandomToken.isWellFormed(cookieValue) else { return nil }
        self.init(validated: cookieValue)
    }

    /// The text for the cookie.
    public var value: Secret<String> { Secret(text) }

    /// SHA-256 over the domain and the text, 32 bytes.
    public var digest: [UInt8] { Array(SHA256.hash(data: Self.domain + Array(text.utf8))) }
}

extension PendingLoginID: Hashable {
    /// Whether both are the same id; compares digests.
    public static func == (left: PendingLoginID, right: PendingLoginID) -> Bool { left.rowKey == right.rowKey }

    /// Hashes the digest.
    public func hash(into hasher: inout Hasher) { hasher.combine(rowKey) }
}

extension PendingLoginID: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<pending login id>`.
    public var description: String { "<pending login id>" }

    /// Always `<pending login id>`.
    public var debugDescription: String { "<pending login id>" }

    /// A mirror without children, so that `dump` finds nothing.
    public var customMirror: Mirror {
        Mirror(self, children: EmptyCollection<Mirror.Child>(), displayStyle: .struct)
    }
}
