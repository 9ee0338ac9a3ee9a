import Crypto
import HTTPTypes
import Hummingbird
import Logging
import WireText

extension ProviderEndpoints {
    /// `POST /token`.
    func token(_ request: Request) async throws -> Response {
        do {
            guard let form = try await parameters(request) else {
                throw TokenRefusal(.invalidRequest, "the form is broken, or a parameter comes twice")
            }
            let client = try ClientAuthentication.client(
                authorization: request.headers[.authorization],
                form: form,
                of: configuration.clients
            )
            switch form["grant_type"] {
            case "authorization_code": return try .json(await exchangeCode(form, client: client))
            case "refresh_token": return try .json(await refresh(form, client: client))
            default: throw TokenRefusal(.unsupportedGrantType, "grant_type is not one of those supported")
            }
        } catch let refusal as TokenRefusal {
            let details: Logger.Metadata = ["error": "\(refusal.code.rawValue)", "reason": "\(refusal.reason)"]
            logger.info("token refused", metadata: details)
            var headers: HTTPFields = [:]
            if refusal.code == .invalidClient { headers[.wwwAuthenticate] = "Basic realm=\"token\"" }
            let body = ["error": refusal.code.rawValue, "error_description": refusal.reason]
            return try .json(body, status: refusal.status, headers: headers)
        }
    }

    private func exchangeCode(_ form: FormParameters, client: DevelopmentClient) async throws -> TokenAnswer {
        guard let code = form["code"] else { throw TokenRefusal(.invalidRequest, "code is missing") }
        // From here on the code is spent, whatever else is wrong with the request.
        guard let redeemed = try await state.redeem(code, clientID: client.id) else {
            throw TokenRefusal(.invalidGrant, "the code is unknown, too old, used before, or another client's")
        }
        let request = redeemed.code.request
        guard form["redirect_uri"] == request.answer.redirectURI else {
            throw TokenRefusal(.invalidGrant, "redirect_uri is not that of the authorization request")
        }
        guard let verifier = form["code_verifier"], Self.isVerifier(verifier),
            Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8)))) == request.codeChallenge
        else {
            throw TokenRefusal(.invalidGrant, "code_verifier does not belong to code_challenge")
        }
        let (grant, refreshToken) = try await state.openGrant(
            redeemed,
            refreshLifetime: configuration.refreshTokenLifetime
        )
        return try await tokens(grant, scopes: grant.scopes, nonce: request.nonce, refreshToken: refreshToken)
    }

    private func refresh(_ form: FormParameters, client: DevelopmentClient) async throws -> TokenAnswer {
        guard let token = form["refresh_token"] else { throw TokenRefusal(.invalidRequest, "refresh_token is missing") }
        let asked = form["scope"].map { $0.split(separator: " ").map(String.init) }
        // RFC 6749, section 6: no more than was granted. Asked before the token is spent.
        if let asked, let grant = await state.currentGrant(token, clientID: client.id),
            !Set(asked).isSubset(of: grant.scopes)
        {
            throw TokenRefusal(.invalidScope, "scope goes beyond what was granted")
        }
        let rotated = try await state.rotate(
            token,
            clientID: client.id,
            refreshLifetime: configuration.refreshTokenLifetime
        )
        guard let (grant, next) = rotated else {
            throw TokenRefusal(.invalidGrant, "the refresh token is unknown, too old, used before, or another client's")
        }
        // OpenID Connect Core 1.0, section 12.2: no nonce in a refreshed ID token.
        return try await tokens(grant, scopes: asked ?? grant.scopes, nonce: nil, refreshToken: next)
    }

    private func tokens(
        _ grant: Grant,
        scopes: [String],
        nonce: String?,
        refreshToken: String
    ) async throws -> TokenAnswer {
        guard let user = user(grant.subject) else {
            throw TokenRefusal(.invalidGrant, "the person is no longer known here")
        }
        let issuer = try await issuer.value
        let lifetime = Int(configuration.accessTokenLifetime.components.seconds)
        let access = AccessTokenClaims(
            iss: issuer,
            sub: grant.subject,
            aud: issuer,
            exp: seconds + lifetime,
            iat: seconds,
            jti: RandomToken.make(),
            clientID: grant.clientID,
            scope: scopes.joined(separator: " "),
            grant: grant.id
        )
        let accessToken = try JSONWebToken.signed(access, type: .access, by: key)
        let identity = IDTokenClaims(
            iss: issuer,
            sub: grant.subject,
            aud: grant.clientID,
            exp: seconds + lifetime,
            iat: seconds,
            authTime: grant.authenticatedAt,
            nonce: nonce,
            atHash: Self.accessTokenHash(accessToken),
            sid: grant.sessionID,
            user: UserClaims(user, scopes: scopes)
        )
        return TokenAnswer(
            accessToken: accessToken,
            expiresIn: lifetime,
            refreshToken: refreshToken,
            idToken: try JSONWebToken.signed(identity, type: .identity, by: key),
            scope: access.scope
        )
    }

    /// OpenID Connect Core 1.0, section 3.1.3.6: the left half of the digest.
    private static func accessTokenHash(_ token: String) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Array(token.utf8)).prefix(16)))
    }

    /// RFC 7636, section 4.1.
    private static func isVerifier(_ text: String) -> Bool {
        (43...128).contains(text.utf8.count) && FormCoding.encode(text) == text
    }
}
