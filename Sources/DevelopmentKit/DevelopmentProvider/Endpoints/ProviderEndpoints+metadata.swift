import Hummingbird

/// The answer of `/.well-known/openid-configuration` (Discovery 1.0, section 3).
struct DiscoveryDocument: Encodable {
    let issuer: String
    let authorizationEndpoint: String
    let tokenEndpoint: String
    let userinfoEndpoint: String
    let jwksURI: String
    let endSessionEndpoint: String
    let scopesSupported = AuthorizationRequest.knownScopes
    let responseTypesSupported = ["code"]
    let responseModesSupported = ["query", "form_post"]
    let grantTypesSupported = ["authorization_code", "refresh_token"]
    let subjectTypesSupported = ["public"]
    let idTokenSigningAlgorithms = ["RS256"]
    let tokenEndpointAuthenticationMethods = ["client_secret_basic", "client_secret_post", "none"]
    let codeChallengeMethods = ["S256"]
    let promptValues = ["none", "login", "consent", "select_account"]
    let claimsSupported = [
        "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid", "name", "preferred_username",
        "email", "email_verified", "groups",
    ]
    /// RFC 9207, section 3.
    let sendsIssuer = true
    let requestParameter = false
    let requestURIParameter = false

    init(issuer: String) {
        self.issuer = issuer
        authorizationEndpoint = issuer + "/authorize"
        tokenEndpoint = issuer + "/token"
        userinfoEndpoint = issuer + "/userinfo"
        jwksURI = issuer + "/jwks"
        endSessionEndpoint = issuer + "/end-session"
    }

    private enum CodingKeys: String, CodingKey {
        case issuer
        case authorizationEndpoint = "authorization_endpoint"
        case tokenEndpoint = "token_endpoint"
        case userinfoEndpoint = "userinfo_endpoint"
        case jwksURI = "jwks_uri"
        case endSessionEndpoint = "end_session_endpoint"
        case scopesSupported = "scopes_supported"
        case responseTypesSupported = "response_types_supported"
        case responseModesSupported = "response_modes_supported"
        case grantTypesSupported = "grant_types_supported"
        case subjectTypesSupported = "subject_types_supported"
        case idTokenSigningAlgorithms = "id_token_signing_alg_values_supported"
        case tokenEndpointAuthenticationMethods = "token_endpoint_auth_methods_supported"
        case codeChallengeMethods = "code_challenge_methods_supported"
        case promptValues = "prompt_values_supported"
        case claimsSupported = "claims_supported"
        case sendsIssuer = "authorization_response_iss_parameter_supported"
        case requestParameter = "request_parameter_supported"
        case requestURIParameter = "request_uri_parameter_supported"
    }
}

extension ProviderEndpoints {
    func metadata() async throws -> Response {
        try .json(DiscoveryDocument(issuer: await issuer.value), isPublic: true)
    }

    func keys() throws -> Response {
        try .json(["keys": [key.jwk]], isPublic: true)
    }
}
