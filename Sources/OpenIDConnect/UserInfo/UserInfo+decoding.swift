extension UserInfo {
    /// A larger answer is refused.
    static let maximumBytes = 256 * 1024

    /// Judges an answer of the userinfo endpoint (Core section 5.3.2).
    init(_ response: HTTPTransportResponse, expectedSubject: String) throws(OpenIDConnectError) {
        switch response.status {
        case 200: break
        case 401: throw OpenIDConnectError(.userInfoUnauthorized, "userinfo: status 401")
        case 429, 500...:
            throw OpenIDConnectError(
                .providerUnavailable,
                "userinfo: status \(response.status)",
                retryAfter: response.retryAfter
            )
        case 400..<500: throw OpenIDConnectError(.userInfoRejected, "userinfo: status \(response.status)")
        default: throw OpenIDConnectError(.userInfoInvalid, "userinfo: status \(response.status)")
        }
        guard let claims = response.jsonObject() else {
            throw OpenIDConnectError(.userInfoInvalid, "userinfo: not a JSON object of type application/json")
        }
        guard let subject = claims["sub"]?.stringValue, subject.hasSameBytes(as: expectedSubject) else {
            throw OpenIDConnectError(.userInfoSubject, "userinfo is about another subject than the ID token")
        }
        self.init(subject: subject, claims: claims)
    }
}
