import HTTPTypes

/// Why the token endpoint says no (RFC 6749, section 5.2).
struct TokenRefusal: Error {
    enum Code: String {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case invalidScope = "invalid_scope"
        case unsupportedGrantType = "unsupported_grant_type"
    }

    let code: Code
    let reason: String

    init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    var status: HTTPResponse.Status {
        code == .invalidClient ? .unauthorized : .badRequest
    }
}
