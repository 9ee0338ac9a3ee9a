extension UserInfo {
    /// A larger answer is refused.
    static let maximumBytes = 256 * 1024

    /// Judges whether there is an answer at all (Core section 5.3.3).
    static func checkStatus(of response: HTTPTransportResponse) throws(OpenIDConnectError) {
        switch response.status {
        case 200: break
        case 401: throw Self.refusal(.userInfoUnauthorized, response)
        case 429, 500...: throw Self.refusal(.providerUnavailable, response)
        case 400..<500: throw Self.refusal(.userInfoRejected, response)
        default: throw Self.refusal(.userInfoInvalid, response)
        }
    }

    /// The claims of a plain answer; one that is signed comes only where that was agreed.
    static func plainClaims(_ response: HTTPTransportResponse) throws(OpenIDConnectError) -> [String: JSONValue] {
        guard let claims = response.jsonObject() else {
            throw OpenIDConnectError(.userInfoInvalid, "userinfo: not a JSON object of type application/json")
        }
        return claims
    }

    /// - Throws: when the claims are about anyone else than the ID token (Core section 5.3.2).
    init(_ claims: [String: JSONValue], expectedSubject: String) throws(OpenIDConnectError) {
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
