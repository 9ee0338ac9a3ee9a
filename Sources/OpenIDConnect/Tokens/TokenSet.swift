public import Secrets

#if canImport(FoundationEssentials)
public import struct FoundationEssentials.Date
#else
public import struct Foundation.Date
#endif

/// What a code exchange gave, after every check has passed.
public struct TokenSet: Sendable {
    /// The access token.
    public let accessToken: Secret<String>
    /// When it ends by our clock; nil when the provider did not say.
    ///
    /// Never later than ten years from now.
    public let accessTokenExpiresAt: Date?
    /// The refresh token, if one was granted.
    public let refreshToken: Secret<String>?
    /// The ID token as it came, for `id_token_hint`.
    public let idToken: Secret<String>
    /// What the ID token says.
    public let claims: IDTokenClaims
    /// What was granted: the requested scopes when the provider said nothing (RFC 6749 section 5.1), nothing when it
    /// said nothing in so many words.
    public let scopes: [String]
}
