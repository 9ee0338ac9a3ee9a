/// What an answer means that is no success, at an endpoint that speaks RFC 6749 section 5.2.
struct EndpointRefusal: Sendable {
    /// What the endpoint is called in messages.
    let endpoint: String
    /// The status of its successes.
    let success: Int
    /// The endpoint refused, for a reason without a code of its own.
    let rejected: OpenIDConnectError.Code
    /// The endpoint's answer is no answer.
    let invalid: OpenIDConnectError.Code
    /// What `invalid_grant` means there, if it has a meaning.
    var grantRejected: OpenIDConnectError.Code?

    static let token = EndpointRefusal(
        endpoint: "token endpoint",
        success: 200,
        rejected: .tokenRequestRejected,
        invalid: .tokenResponseInvalid,
        grantRejected: .grantRejected
    )

    static let pushedAuthorization = EndpointRefusal(
        endpoint: "pushed authorization request endpoint",
        success: 201,
        rejected: .pushedRequestRejected,
        invalid: .pushedResponseInvalid
    )

    static let revocation = EndpointRefusal(
        endpoint: "revocation endpoint",
        success: 200,
        rejected: .revocationRejected,
        invalid: .revocationRejected
    )

    func error(_ response: HTTPTransportResponse, members: [String: JSONValue]?) -> OpenIDConnectError {
        if response.status == 429 || response.status >= 500 {
            return refusal(.providerUnavailable, "status \(response.status)", response)
        }
        guard response.status == success || (400..<500).contains(response.status) else {
            return refusal(invalid, "status \(response.status)", response)
        }
        if let error = members?["error"]?.stringValue {
            let known = ProviderErrorText.code(error)
            return OpenIDConnectError(
                code(of: known),
                "the \(endpoint) refused",
                providerError: known,
                providerDescription: members?["error_description"]?.stringValue.map(ProviderErrorText.description),
                httpStatus: response.status
            )
        }
        if response.status == 401 {
            return refusal(.clientRejected, "status 401", response)
        }
        return response.status == success
            ? refusal(invalid, "not a JSON object of type application/json", response)
            : refusal(rejected, "status \(response.status)", response)
    }

    private func refusal(
        _ code: OpenIDConnectError.Code,
        _ reason: String,
        _ response: HTTPTransportResponse
    ) -> OpenIDConnectError {
        OpenIDConnectError(
            code,
            "\(endpoint): \(reason)",
            httpStatus: response.status,
            retryAfter: response.retryAfter
        )
    }

    private func code(of error: String) -> OpenIDConnectError.Code {
        switch error {
        case "invalid_grant": grantRejected ?? rejected
        case "invalid_client", "unauthorized_client": .clientRejected
        case "temporarily_unavailable", "server_error", "slow_down": .providerUnavailable
        default: rejected
        }
    }
}
