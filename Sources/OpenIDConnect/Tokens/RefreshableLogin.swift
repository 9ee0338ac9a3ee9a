public import Secrets

#if canImport(FoundationEssentials)
public import struct FoundationEssentials.Date
#else
public import struct Foundation.Date
#endif

/// The login whose tokens are refreshed: what a new ID token has to agree with (Core section 12.2).
public struct RefreshableLogin: Sendable {
    /// The issuer that signed the user in: the refresh token is sent to no other.
    public var issuer: String
    /// `sub` of the login.
    public var subject: String
    /// The nonce of the login, if it is still known: a new ID token has none, or this one.
    public var nonce: Secret<String>?
    /// `auth_time` of the login, if it had one and it is still known: a new ID token has none, or this one.
    public var authenticatedAt: Date?
    /// The claims about the user in the ID token that a new one replaces; empty when none was kept.
    ///
    /// Nothing is judged by them here: they tell what a new ID token leaves out.
    public var profile: [String: JSONValue] = [:]

    /// A login by what is remembered of it.
    public init(issuer: String, subject: String, nonce: Secret<String>? = nil, authenticatedAt: Date? = nil) {
        self.issuer = issuer
        self.subject = subject
        self.nonce = nonce
        self.authenticatedAt = authenticatedAt
    }

    /// A login whose ID token was kept, in a place that nobody else writes to: nonce and `auth_time` are read from it.
    ///
    /// - Parameters:
    ///   - idToken: it was verified when it came, and isn't verified again.
    ///   - nonce: the nonce of the login, when a later ID token without one has taken the first one's place.
    public init(issuer: String, subject: String, idToken: Secret<String>?, nonce: Secret<String>? = nil) {
        let claims = idToken.flatMap { try? CompactToken($0).claims() } ?? [:]
        self.init(
            issuer: issuer,
            subject: subject,
            nonce: nonce ?? claims["nonce"]?.stringValue.map { Secret($0) },
            authenticatedAt: claims["auth_time"]?.numberValue.map { Date(timeIntervalSince1970: $0) }
        )
        profile = claims.filter { !ProtectedClaims.names.contains($0.key) }
    }
}
