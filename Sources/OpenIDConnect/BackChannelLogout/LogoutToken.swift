#if canImport(FoundationEssentials)
public import struct FoundationEssentials.Date
#else
public import struct Foundation.Date
#endif

/// A provider's word that sessions are over, after every check has passed (Back-Channel Logout section 2.4).
public struct LogoutToken: Sendable {
    /// The issuer, byte for byte the configured one.
    public let issuer: String
    /// The user; nil when only a session is named.
    public let subject: String?
    /// The provider's session; nil when only the user is named: one of the two is there.
    public let sessionID: String?
    /// `jti`, 1 to 255 printable ASCII characters: the same again is a repetition.
    public let jwtID: String
    /// When it was issued, by the provider's clock.
    public let issuedAt: Date
    /// When it expires, by the provider's clock.
    public let expiresAt: Date
    /// From then on ``RelyingParty/logoutToken(_:)`` refuses it, by our clock: its `jti` need not be remembered longer.
    public let acceptableUntil: Date
}

extension LogoutToken: CustomStringConvertible, CustomReflectable {
    /// The issuer only: the rest is about a person.
    public var description: String { "logout token of \(issuer)" }

    /// A mirror without what names the person.
    public var customMirror: Mirror { Mirror(self, children: ["issuer": issuer]) }
}
