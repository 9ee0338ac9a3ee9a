/// What the token endpoint hands out (RFC 6749, section 5.1; OpenID Connect Core 1.0, section 3.1.3.3).
struct TokenAnswer: Encodable {
    var accessToken: String
    let tokenType = "Bearer"
    /// Seconds.
    var expiresIn: Int
    var refreshToken: String
    var idToken: String
    var scope: String

    private enum CodingKeys: String, CodingKey {
        case scope
        case accessToken = "access_token"
        case tokenType = "token_type"
        case expiresIn = "expires_in"
        case refreshToken = "refresh_token"
        case idToken = "id_token"
    }
}
