import Crypto
public import Secrets

/// The secret that a browser holds to be recognised: 32 random bytes, 43 characters of base64url.
///
/// Only its SHA-256 reaches the database, so that a stolen dump can't be presented as a cookie (OWASP Session
/// Management Cheat Sheet; CVE-2019-16782). Printing one shows `<session id>`.
public struct SessionID: Sendable {
    private let text: String

    /// The primary key of the session's row: the lower-case hexadecimal SHA-256 of the id.
    package let rowKey: String

    private init(validated text: String) {
        self.text = text
        self.rowKey = Hexadecimal.encode(SHA256.hash(data: Array(text.utf8)))
    }

    /// A fresh id from the system's random number generator.
    public init() {
        self.init(validated: RandomToken.make())
    }

    /// The id in a cookie, or nil when it isn't 43 characters of canonical base64url.
    ///
    /// Nothing is looked up: what fails here never reaches the database.
    public init?(_ cookieValue: String) {
        guard RandomToken.isWellFormed(cookieValue) else { return nil }
        self.init(validated: cookieValue)
    }

    /// An id issued by a deployment of the documented table before it was migrated: 16 to 255 cookie octets.
    ///
    /// Such ids were chosen by the application (RFC 6265 section 4.1.1 gives the alphabet); the migration hashed
    /// them, so that their holders stay signed in. Shorter ones can be guessed, and are refused. Applications without
    /// such a past use ``init(_:)``.
    public init?(documented cookieValue: String) {
        guard cookieValue.utf8.count >= 16, Self.isDocumented(cookieValue) else { return nil }
        self.init(validated: cookieValue)
    }

    /// The session of an id that is no secret: a row's id that stands in tokens, logs and lists of another system, 1 to
    /// 255 cookie octets.
    ///
    /// It opens nothing by itself, since no cookie can present it. Who uses it has verified first what brought it, such
    /// as the signature of the token that names it.
    public init?(unsecret id: String) {
        guard Self.isDocumented(id) else { return nil }
        self.init(validated: Self.unsecretDomain + id)
    }

    // The NUL is no cookie octet: no id that a browser presents hashes to the same digest.
    private static let unsecretDomain = "unsecret-id\0"

    private static func isDocumented(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.allSatisfy(CookieOctet.isAllowed)
    }

    /// The text for the cookie.
    public var value: Secret<String> { Secret(text) }

    /// The SHA-256 of the text, 32 bytes.
    public var digest: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// The name of the session for lists, logs and administrators: it does not sign anybody in.
    public var handle: SessionHandle { SessionHandle(rowKey: rowKey) }
}

extension SessionID: Hashable {
    /// Whether both are the same id; compares digests, so that timing says nothing about the text.
    public static func == (left: SessionID, right: SessionID) -> Bool { left.rowKey == right.rowKey }

    /// Hashes the digest.
    public func hash(into hasher: inout Hasher) { hasher.combine(rowKey) }
}

extension SessionID: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<session id>`.
    public var description: String { "<session id>" }

    /// Always `<session id>`.
    public var debugDescription: String { "<session id>" }

    /// A mirror without children, so that `dump` finds nothing.
    public var customMirror: Mirror {
        Mirror(self, children: EmptyCollection<Mirror.Child>(), displayStyle: .struct)
    }
}
