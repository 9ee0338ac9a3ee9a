public import Secrets

extension RelyingParty {
    /// Asks the userinfo endpoint for further claims about the user whom the ID token named.
    ///
    /// - Parameter expectedSubject: `sub` of the ID token; an answer about anyone else is thrown away (Core
    ///   section 5.3.2).
    /// - Throws: ``OpenIDConnectError`` with ``OpenIDConnectError/Code/userInfoUnauthorized`` when a fresh access token
    ///   might help, ``OpenIDConnectError/Code/userInfoRejected``, ``OpenIDConnectError/Code/userInfoInvalid`` or
    ///   ``OpenIDConnectError/Code/userInfoSubject``; else as ``metadata()``.
    public func userInfo(accessToken: Secret<String>, expectedSubject: String) async throws -> UserInfo {
        guard let endpoint = try await metadata().userInfoEndpoint else {
            throw OpenIDConnectError(.userInfoInvalid, "the provider has no userinfo endpoint")
        }
        let scheme = prover == nil ? "Bearer" : "DPoP"
        let client = ProvingClient(client: client, prover: prover)
        let response = try await client.send(naming: "userinfo", accessToken: accessToken) {
            HTTPTransportRequest(
                method: .get,
                url: endpoint,
                headers: [
                    ("Accept", "application/json"),
                    // RFC 9700 section 4.3.2: in the header only, never in the URL.
                    ("Authorization", "\(scheme) \(accessToken.reveal())"),
                ],
                maximumResponseBytes: UserInfo.maximumBytes
            )
        }
        return try UserInfo(response, expectedSubject: expectedSubject)
    }
}
