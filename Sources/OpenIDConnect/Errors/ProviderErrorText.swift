/// What a provider, or somebody who pretends to be one, wrote about an error, made harmless.
enum ProviderErrorText {
    /// RFC 6749 sections 4.1.2.1 and 5.2, Core section 3.1.2.6, RFC 6750 section 3.1, RFC 9449, RFC 8693, RFC 8707,
    /// RFC 7009 section 2.2.1.
    private static let registered: Set<String> = [
        "invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type", "invalid_scope",
        "server_error", "temporarily_unavailable", "interaction_required", "login_required",
        "account_selection_required", "consent_required", "invalid_request_uri", "invalid_request_object",
        "request_not_supported", "request_uri_not_supported", "registration_not_supported", "invalid_client",
        "invalid_grant", "unsupported_grant_type", "invalid_token", "insufficient_scope", "invalid_target",
        "unmet_authentication_requirements", "invalid_dpop_proof", "use_dpop_nonce", "slow_down",
        "unsupported_token_type",
    ]

    /// The code when it is a registered one, else `unregistered`: safe in logs, bounded in metrics.
    static func code(_ text: String) -> String {
        text.isPrintableASCII && registered.contains(text) ? text : "unregistered"
    }

    /// At most 200 printable ASCII characters; everything else becomes `?`.
    static func description(_ text: String) -> String {
        String(
            decoding: text.utf8.prefix(200).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") },
            as: UTF8.self
        )
    }
}
