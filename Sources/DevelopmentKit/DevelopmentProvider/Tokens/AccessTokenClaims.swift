/// The claims of an access token (RFC 9068, section 2.2); times in seconds since 1970.
struct AccessTokenClaims: Codable, Sendable {
    var iss: String
    var sub: String
    var aud: String
    var exp: Int
    var iat: Int
    var jti: String
    var clientID: String
    var scope: String
    /// The grant behind the token: a revoked grant takes its access tokens with it.
    var grant: String

    private enum CodingKeys: String, CodingKey {
        case iss, sub, aud, exp, iat, jti, scope, grant
        case clientID = "client_id"
    }
}
