extension OpenIDConnectError {
    /// A stable kind of failure; more may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case invalidConfiguration = "invalid_configuration"
            case providerUnavailable = "provider_unavailable"
            case metadataInvalid = "metadata_invalid"
            case metadataIssuerMismatch = "metadata_issuer_mismatch"
            case callbackMalformed = "callback_malformed"
            case stateMismatch = "state_mismatch"
            case callbackIssuerMismatch = "callback_issuer_mismatch"
            case callbackIssuerMissing = "callback_issuer_missing"
            case callbackResponseMode = "callback_response_mode"
            case authorizationRefused = "authorization_refused"
            case grantRejected = "grant_rejected"
            case clientRejected = "client_rejected"
            case tokenRequestRejected = "token_request_rejected"
            case tokenResponseInvalid = "token_response_invalid"
            case pushedRequestRejected = "pushed_request_rejected"
            case pushedResponseInvalid = "pushed_response_invalid"
            case tooManyPushedRequests = "too_many_pushed_requests"
            case revocationRejected = "revocation_rejected"
            case idTokenMissing = "id_token_missing"
            case idTokenMalformed = "id_token_malformed"
            case idTokenAlgorithm = "id_token_algorithm"
            case idTokenKeyNotFound = "id_token_key_not_found"
            case idTokenSignature = "id_token_signature"
            case idTokenIssuer = "id_token_issuer"
            case idTokenAudience = "id_token_audience"
            case idTokenTime = "id_token_time"
            case idTokenNonce = "id_token_nonce"
            case idTokenSubject = "id_token_subject"
            case idTokenAccessTokenHash = "id_token_at_hash"
            case idTokenAuthentication = "id_token_authentication"
            case userInfoUnauthorized = "userinfo_unauthorized"
            case userInfoRejected = "userinfo_rejected"
            case userInfoInvalid = "userinfo_invalid"
            case userInfoSubject = "userinfo_subject"
            case logoutTokenInvalid = "logout_token_invalid"
        }

        private let kind: Kind

        private init(_ kind: Kind) { self.kind = kind }

        /// The stable name, a word for logs, metrics and pages.
        public var name: String { kind.rawValue }

        /// The same as ``name``.
        public var description: String { kind.rawValue }

        /// A setting is wrong; the message names it.
        public static let invalidConfiguration = Code(.invalidConfiguration)
        /// The provider could not be reached, was too slow, answered 5xx or 429, or its TLS certificate is not trusted.
        public static let providerUnavailable = Code(.providerUnavailable)
        /// The discovery document is not usable.
        public static let metadataInvalid = Code(.metadataInvalid)
        /// The discovery document is another issuer's (Discovery section 4.3).
        public static let metadataIssuerMismatch = Code(.metadataIssuerMismatch)
        /// The parameters of the callback are not those of an authorization response.
        public static let callbackMalformed = Code(.callbackMalformed)
        /// `state` is not that of the login (RFC 9700 section 4.7).
        public static let stateMismatch = Code(.stateMismatch)
        /// `iss` of the response is another issuer's (RFC 9207 section 2.4).
        public static let callbackIssuerMismatch = Code(.callbackIssuerMismatch)
        /// The provider promises `iss` in its responses and this one has none.
        public static let callbackIssuerMissing = Code(.callbackIssuerMissing)
        /// The code came by another response mode than was asked for: the provider ignores `response_mode`.
        public static let callbackResponseMode = Code(.callbackResponseMode)
        /// The provider answered with an error; see ``OpenIDConnectError/providerError``.
        public static let authorizationRefused = Code(.authorizationRefused)
        /// The code or refresh token is spent, expired or not ours (`invalid_grant`).
        public static let grantRejected = Code(.grantRejected)
        /// The provider does not accept our client id and secret (`invalid_client`, `unauthorized_client`).
        public static let clientRejected = Code(.clientRejected)
        /// The token endpoint refused for another reason.
        public static let tokenRequestRejected = Code(.tokenRequestRejected)
        /// The token endpoint's answer is not one of RFC 6749 section 5.
        public static let tokenResponseInvalid = Code(.tokenResponseInvalid)
        /// The provider refused a pushed authorization request (RFC 9126 section 2.3).
        public static let pushedRequestRejected = Code(.pushedRequestRejected)
        /// The answer to a pushed authorization request is not one of RFC 9126 section 2.2.
        public static let pushedResponseInvalid = Code(.pushedResponseInvalid)
        /// So many authorization requests are being pushed that one more was not sent.
        public static let tooManyPushedRequests = Code(.tooManyPushedRequests)
        /// The provider did not take a token back (RFC 7009 section 2.2.1).
        public static let revocationRejected = Code(.revocationRejected)
        /// The token endpoint sent no ID token.
        public static let idTokenMissing = Code(.idTokenMissing)
        /// The ID token is not a JWS of claims within our bounds.
        public static let idTokenMalformed = Code(.idTokenMalformed)
        /// The ID token's `alg` is not one that this client allows.
        public static let idTokenAlgorithm = Code(.idTokenAlgorithm)
        /// None of the provider's keys fits the ID token's header.
        public static let idTokenKeyNotFound = Code(.idTokenKeyNotFound)
        /// The ID token's signature is wrong.
        public static let idTokenSignature = Code(.idTokenSignature)
        /// `iss` of the ID token is not the issuer.
        public static let idTokenIssuer = Code(.idTokenIssuer)
        /// `aud` or `azp` of the ID token is not this client, or also someone untrusted.
        public static let idTokenAudience = Code(.idTokenAudience)
        /// `exp`, `iat` or `nbf` is missing or does not fit the time.
        public static let idTokenTime = Code(.idTokenTime)
        /// `nonce` is not that of the login.
        public static let idTokenNonce = Code(.idTokenNonce)
        /// `sub` is missing, malformed, or changed in a refresh.
        public static let idTokenSubject = Code(.idTokenSubject)
        /// `at_hash` is not that of the access token.
        public static let idTokenAccessTokenHash = Code(.idTokenAccessTokenHash)
        /// `auth_time` or `acr` is not what was asked for.
        public static let idTokenAuthentication = Code(.idTokenAuthentication)
        /// Userinfo answered 401: the access token is not valid any more.
        public static let userInfoUnauthorized = Code(.userInfoUnauthorized)
        /// Userinfo answered with another refusal.
        public static let userInfoRejected = Code(.userInfoRejected)
        /// Userinfo is not a JSON object of claims.
        public static let userInfoInvalid = Code(.userInfoInvalid)
        /// Userinfo is about someone else (Core section 5.3.2).
        public static let userInfoSubject = Code(.userInfoSubject)
        /// A logout token is not what the provider would send us (Back-Channel Logout section 2.6).
        public static let logoutTokenInvalid = Code(.logoutTokenInvalid)
    }
}
