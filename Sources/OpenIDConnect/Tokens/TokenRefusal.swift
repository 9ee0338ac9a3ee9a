/// What an answer of the token endpoint that is no success means (RFC 6749 section 5.2).
enum TokenRefusal {
    static func error(_ response: HTTPTransportResponse, members: [String: JSONValue]?) -> OpenIDConnectError {
        if response.status == 429 || response.status >= 500 {
            return refusal(.providerUnavailable, "status \(response.status)", response)
        }
        guard response.status == 200 || (400..<500).contains(response.status) else {
            return refusal(.tokenResponseInvalid, "status \(response.status)", response)
        }
        if let error = members?["error"]?.stringValue {
            let known = ProviderErrorText.code(error)
            return OpenIDConnectError(
                code(of: known),
                "the token endpoint refused",
                providerError: known,
                providerDescription: members?["error_description"]?.stringValue.map(ProviderErrorText.description),
                httpStatus: response.status
            )
        }
        if response.status == 401 {
            return refusal(.clientRejected, "status 401", response)
        }
        return response.status == 200
            ? refusal(.tokenResponseInvalid, "not a JSON object of type application/json", response)
            : refusal(.tokenRequestRejected, "status \(response.status)", response)
    }

    private static func refusal(
        _ code: OpenIDConnectError.Code,
        _ reason: String,
        _ response: HTTPTransportResponse
    ) -> OpenIDConnectError {
        OpenIDConnectError(
            code,
            "token endpoint: \(reason)",
            httpStatus: response.status,
            retryAfter: response.retryAfter
        )
    }

    private static func code(of error: String) -> OpenIDConnectError.Code {
        switch error {
        case "invalid_grant": .grantRejected
        case "invalid_client", "unauthorized_client": .clientRejected
        case "temporarily_unavailable", "server_error", "slow_down": .providerUnavailable
        default: .tokenRequestRejected
        }
    }
}
