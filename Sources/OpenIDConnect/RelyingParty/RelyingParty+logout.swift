public import Secrets

extension RelyingParty {
    /// A hint that would make the URL longer than servers commonly read is left out.
    private static let maximumHintBytes = 4096

    /// Where to send the browser so that it is signed out of the provider as well (RP-Initiated Logout section 2).
    ///
    /// The URL holds the ID token: send the browser there, and log it nowhere.
    ///
    /// - Parameter state: comes back with the browser; it is sent only together with a configured
    ///   `postLogoutRedirectURI`, since otherwise nothing comes back.
    /// - Returns: nil when the provider has no such place.
    /// - Throws: as ``metadata()``.
    public func endSessionRequest(idTokenHint: Secret<String>?, state: Secret<String>?) async throws -> String? {
        guard let endpoint = try await metadata().endSessionEndpoint.flatMap(CheckedURL.init) else { return nil }
        var parameters: [(name: String, value: String)] = []
        if let hint = idTokenHint?.reveal(), hint.utf8.count <= Self.maximumHintBytes {
            parameters.append(("id_token_hint", hint))
        }
        parameters.append(("client_id", configuration.clientID))
        if let uri = configuration.options.postLogoutRedirectURI {
            parameters.append(("post_logout_redirect_uri", uri))
            if let state { parameters.append(("state", state.reveal())) }
        }
        return try endpoint.appending(parameters, to: "end_session_endpoint")
    }
}
