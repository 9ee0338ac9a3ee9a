/// Which of a login's tokens is meant (RFC 7009 section 2.1).
public enum TokenKind: String, Sendable, Hashable, CaseIterable {
    /// The access token.
    case accessToken = "access_token"
    /// The refresh token; providers take its access tokens back with it.
    case refreshToken = "refresh_token"
}
