public import Secrets

extension RelyingParty {
    /// Takes a token back at the provider (RFC 7009); one that is no longer valid there is as good as taken back.
    ///
    /// - Returns: false when nothing was asked for: the provider has no revocation endpoint, or the configuration says
    ///   no (``ProviderConfiguration/Options/revokesTokens``).
    /// - Throws: ``OpenIDConnectError`` with ``OpenIDConnectError/Code/revocationRejected``,
    ///   ``OpenIDConnectError/Code/clientRejected`` or ``OpenIDConnectError/Code/providerUnavailable``, after which the
    ///   same may be tried again; else as ``metadata()``.
    @discardableResult
    public func revoke(_ token: Secret<String>, kind: TokenKind) async throws -> Bool {
        guard configuration.options.revokesTokens else { return false }
        let metadata = try await metadata()
        guard let endpoint = metadata.revocationEndpoint else { return false }
        let response = try await endpointClient(metadata, proving: false).post(
            [("token", token.reveal()), ("token_type_hint", kind.rawValue)],
            to: endpoint,
            naming: EndpointRefusal.revocation.endpoint
        )
        // Section 2.2 has 200; 204 is what some send, since there is no body.
        guard response.status == 200 || response.status == 204 else {
            throw EndpointRefusal.revocation.error(response, members: response.jsonObject())
        }
        return true
    }
}
