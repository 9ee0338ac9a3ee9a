/// What an answer of the token endpoint that is no success means (RFC 6749 section 5.2).
enum TokenRefusal {
    static func error(_ response: HTTPTransportResponse, members: [String: JSONValue]?) -> OpenIDConnectError {
        if response.status == 429 || response.status >= 500 {
            return OpenIDConnectError(
                .providerUnavailable,
                "token endpoint: status \(response.status)",
                retryAfter: response.retryAfter
            )
        }
        guard response.status == 200 || (400..<500).contains(response.status) else {
            return OpenIDConnectError(.tokenResponseInvalid, "token endpoint: status \(response.status)")
        }
        if let error = members?["error"]?.stringValue {
            let known = ProviderErrorText.code(error)
            return OpenIDConnectError(
                code(of: known),
                "the token endpoint refused",
                providerError: known,
                providerDescription: members?["error_description"]?.stringValue.map(ProviderErrorText.description)
            )
        }
        if response.status == 401 {
            return OpenIDConnectError(.clientRejected, "token endpoint: status 401")
        }
        return response.status == 200
            ? OpenIDConnectError(.tokenResponseInvalid, "token endpoint: not a JSON object of type application/json")
            : OpenIDConnectError(.tokenRequestRejected, "token endpoint: status \(response.status)")
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
