extension RelyingParty {
    /// Where authorization requests are to be pushed to; nil when the browser carries them.
    ///
    /// There is no way from one to the other: a request that can't be pushed is not made.
    func pushEndpoint(_ metadata: ProviderMetadata) throws(OpenIDConnectError) -> String? {
        switch configuration.options.pushedAuthorization {
        case .automatic where !metadata.requiresPushedAuthorization: return nil
        case .never where !metadata.requiresPushedAuthorization: return nil
        case .never:
            throw OpenIDConnectError(
                .invalidConfiguration,
                "pushedAuthorization: the provider demands pushed authorization requests, which are turned off"
            )
        case .automatic, .always: break
        }
        guard let endpoint = metadata.pushedAuthorizationEndpoint else {
            throw OpenIDConnectError(
                .metadataInvalid,
                "discovery: pushed_authorization_request_endpoint is missing or not usable"
            )
        }
        return endpoint
    }

    /// The parameters that the browser carries for these: a reference to them, good for one use.
    func push(
        _ parameters: [(name: String, value: String)],
        to endpoint: String,
        of metadata: ProviderMetadata
    ) async throws -> [(name: String, value: String)] {
        try pushes.begin()
        defer { pushes.end() }
        let response = try await endpointClient(metadata).post(
            parameters,
            to: endpoint,
            naming: EndpointRefusal.pushedAuthorization.endpoint
        )
        let pushed = try PushedAuthorizationResponse(response)
        // RFC 9126 section 4, and nothing besides: what stands in the URL could have been changed on the way.
        return [("client_id", configuration.clientID), ("request_uri", pushed.requestURI)]
    }
}
