/// The claims of an ID token (OpenID Connect Core 1.0, section 2); times in seconds since 1970.
struct IDTokenClaims: Codable, Sendable {
    var iss: String
    var sub: String
    var aud: String
    var exp: Int
    var iat: Int
    var authTime: Int
    var nonce: String?
    var atHash: String?
    /// The provider's session, for Back-Channel Logout 1.0, section 2.1.
    var sid: String
    var user: UserClaims

    private enum CodingKeys: String, CodingKey {
        case iss, sub, aud, exp, iat, nonce, sid
        case authTime = "auth_time"
        case atHash = "at_hash"
    }
}

extension IDTokenClaims {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(iss, forKey: .iss)
        try container.encode(sub, forKey: .sub)
        try container.encode(aud, forKey: .aud)
        try container.encode(exp, forKey: .exp)
        try container.encode(iat, forKey: .iat)
        try container.encode(authTime, forKey: .authTime)
        try container.encodeIfPresent(nonce, forKey: .nonce)
        try container.encodeIfPresent(atHash, forKey: .atHash)
        try container.encode(sid, forKey: .sid)
        try user.encode(to: encoder)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        iss = try container.decode(String.self, forKey: .iss)
        sub = try container.decode(String.self, forKey: .sub)
        aud = try container.decode(String.self, forKey: .aud)
        exp = try container.decode(Int.self, forKey: .exp)
        iat = try container.decode(Int.self, forKey: .iat)
        authTime = try container.decode(Int.self, forKey: .authTime)
        nonce = try container.decodeIfPresent(String.self, forKey: .nonce)
        atHash = try container.decodeIfPresent(String.self, forKey: .atHash)
        sid = try container.decode(String.self, forKey: .sid)
        user = try UserClaims(from: decoder)
    }
}
