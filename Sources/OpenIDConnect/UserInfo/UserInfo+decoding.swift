extension UserInfo {
    /// A larger answer is refused.
    static let maximumBytes = 256 * 1024

    /// Judges an answer of the userinfo endpoint (Core section 5.3.2).
    init(_ response: HTTPTransportResponse, expectedSubject: String) throws(OpenIDConnectError) {
        switch response.status {
        case 200: break
        case 401: throw Self.refusal(.userInfoUnauthorized, response)
        case 429, 500...: throw Self.refusal(.providerUnavailable, response)
        case 400..<500: throw Self.refusal(.userInfoRejected, response)
        default: throw Self.refusal(.userInfoInvalid, response)
        }
        guard let claims = response.jsonObject() else {
            throw OpenIDConnectError(.userInfoInvalid, "userinfo: not a JSON object of type application/json")
        }
        guard let subject = claims["sub"]?.stringValue, subject.hasSameBytes(as: expectedSubject) else {
            throw OpenIDConnectError(.userInfoSubject, "userinfo is about another subject than the ID token")
        }
        self.init(subject: subject, claims: claims)
    }

    private static func refusal(
        _ code: OpenIDConnectError.Code,
        _ response: HTTPTransportResponse
    ) -> OpenIDConnectError {
        OpenIDConnectError(
            code,
            "userinfo: status \(response.status)",
            httpStatus: response.status,
            retryAfter: response.retryAfter
        )
    }
}
