import HTTPTypes
import Hummingbird

/// The answer of `/userinfo` (OpenID Connect Core 1.0, section 5.3.2).
struct UserInfoAnswer: Encodable {
    let subject: String
    let claims: UserClaims

    private enum CodingKeys: String, CodingKey {
        case subject = "sub"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(subject, forKey: .subject)
        try claims.encode(to: encoder)
    }
}

extension ProviderEndpoints {
    /// `/userinfo`, with the access token in the header and nowhere else (RFC 6750, section 2.1).
    func userInfo(_ request: Request) async throws -> Response {
        guard let token = bearerToken(request) else {
            return Response(status: .unauthorized, headers: [.wwwAuthenticate: "Bearer"])
        }
        guard
            let claims = JSONWebToken.claims(AccessTokenClaims.self, of: token, type: .access, signedBy: key),
            claims.exp > seconds, claims.iss == (try await issuer.value),
            // A revoked grant takes its access tokens with it.
            await state.grant(id: claims.grant) != nil, let user = user(claims.sub)
        else {
            return Response(status: .unauthorized, headers: [.wwwAuthenticate: "Bearer error=\"invalid_token\""])
        }
        let scopes = claims.scope.split(separator: " ").map(String.init)
        return try .json(UserInfoAnswer(subject: claims.sub, claims: UserClaims(user, scopes: scopes)))
    }

    private func bearerToken(_ request: Request) -> String? {
        let parts = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}
