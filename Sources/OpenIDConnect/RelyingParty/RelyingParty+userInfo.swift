public import Secrets

extension RelyingParty {
    /// Asks the userinfo endpoint for further claims about the user whom the ID token named.
    ///
    /// Whether the answer must be signed is agreed at registration, and
    /// ``ProviderConfiguration/Options/userInfoSigningAlgorithm`` says so: each kind is refused in the other's place.
    ///
    /// - Parameter expectedSubject: `sub` of the ID token; an answer about anyone else is thrown away (Core
    ///   section 5.3.2).
    /// - Throws: ``OpenIDConnectError`` with ``OpenIDConnectError/Code/userInfoUnauthorized`` when a fresh access token
    ///   might help, ``OpenIDConnectError/Code/userInfoRejected``, ``OpenIDConnectError/Code/userInfoInvalid`` or
    ///   ``OpenIDConnectError/Code/userInfoSubject``; else as ``metadata()``.
    public func userInfo(accessToken: Secret<String>, expectedSubject: String) async throws -> UserInfo {
        let metadata = try await metadataSource.current()
        guard let endpoint = metadata.value.userInfoEndpoint else {
            throw OpenIDConnectError(.userInfoInvalid, "the provider has no userinfo endpoint")
        }
        let algorithm = configuration.options.userInfoSigningAlgorithm
        let scheme = prover == nil ? "Bearer" : "DPoP"
        let client = ProvingClient(client: client, prover: prover)
        let response = try await client.send(naming: "userinfo", accessToken: accessToken) {
            HTTPTransportRequest(
                method: .get,
                url: endpoint,
                headers: [
                    ("Accept", algorithm == nil ? "application/json" : SignedUserInfo.mediaType),
                    // RFC 9700 section 4.3.2: in the header only, never in the URL.
                    ("Authorization", "\(scheme) \(accessToken.reveal())"),
                ],
                maximumResponseBytes: UserInfo.maximumBytes
            )
        }
        try UserInfo.checkStatus(of: response)
        guard let algorithm else {
            return try UserInfo(UserInfo.plainClaims(response), expectedSubject: expectedSubject)
        }
        let signed = SignedUserInfo(
            algorithm: algorithm,
            configuration: configuration,
            verifier: verifier(metadata),
            now: clock.now()
        )
        return try UserInfo(await signed.claims(response), expectedSubject: expectedSubject)
    }
}
