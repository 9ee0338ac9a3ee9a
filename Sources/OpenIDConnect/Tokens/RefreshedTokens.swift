public import Secrets

#if canImport(FoundationEssentials)
public import struct FoundationEssentials.Date
#else
public import struct Foundation.Date
#endif

/// What a refresh gave, after every check has passed.
public struct RefreshedTokens: Sendable {
    /// The new access token.
    public let accessToken: Secret<String>
    /// When it ends by our clock; nil when the provider did not say.
    public let accessTokenExpiresAt: Date?
    /// The new refresh token; nil means that the old one stays in use (RFC 6749 section 6).
    public let refreshToken: Secret<String>?
    /// The new ID token and its claims, if one came (Core section 12.2).
    public let idToken: Secret<String>?
    /// What the new ID token says.
    public let claims: IDTokenClaims?
    /// What is granted now; nil when the provider did not say, which means: as before.
    public let scopes: [String]?
}
