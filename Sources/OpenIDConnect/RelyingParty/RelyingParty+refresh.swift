public import Secrets

extension RelyingParty {
    /// Exchanges a refresh token, and checks a new ID token, if one comes, by Core section 12.2.
    ///
    /// - Throws: as ``redeem(_:of:)`` and ``verified(_:)``. When the second of them fails, the new refresh token is lost
    ///   here: use the two by themselves to keep it.
    public func refresh(_ refreshToken: Secret<String>, of login: RefreshableLogin) async throws -> RefreshedTokens {
        try await verified(try await redeem(refreshToken, of: login))
    }

    /// Sends a refresh token, once.
    ///
    /// No scope is asked for, which means: as before (RFC 6749 section 6).
    ///
    /// - Throws: ``OpenIDConnectError``; of these ``OpenIDConnectError/Code/grantRejected`` says that the refresh token
    ///   is worth nothing any more. `CancellationError`.
    public func redeem(
        _ refreshToken: Secret<String>,
        of login: RefreshableLogin
    ) async throws -> UnverifiedRefresh {
        try checkOwnIssuer(login.issuer)
        let metadata = try await metadataSource.current()
        let response = try await TokenEndpoint(client: endpointClient(metadata.value)).request([
            ("grant_type", "refresh_token"),
            ("refresh_token", refreshToken.reveal()),
        ])
        return UnverifiedRefresh(response: response, login: login, metadata: metadata, receivedAt: clock.now())
    }

    /// Checks the type of the access token, and the ID token of an answer, if it has one: the same issuer, subject and client as at the login, and the
    /// same nonce and `auth_time` or none.
    ///
    /// - Throws: ``OpenIDConnectError``; none of the tokens may be used then. When it ``OpenIDConnectError/isTransient``,
    ///   the provider's keys could not be fetched, and nothing is said about the token.
    public func verified(_ refresh: UnverifiedRefresh) async throws -> RefreshedTokens {
        let response = refresh.response
        try response.checkType()
        var claims: IDTokenClaims?
        if let idToken = response.idToken {
            let login = refresh.login
            let expected = IDTokenExpectation(
                configuration: configuration,
                occasion: .refresh(
                    subject: login.subject,
                    nonce: login.nonce,
                    authenticatedAt: login.authenticatedAt
                ),
                accessToken: response.accessToken,
                maximumAuthenticationAge: nil,
                requiredAuthenticationContexts: configuration.options.requiredAuthenticationContexts,
                now: refresh.receivedAt
            )
            claims = try await verifier(refresh.metadata).verify(idToken, by: expected)
        }
        return RefreshedTokens(
            accessToken: response.accessToken,
            accessTokenExpiresAt: response.accessTokenExpiry(from: refresh.receivedAt),
            refreshToken: response.refreshToken,
            idToken: response.idToken,
            claims: claims,
            scopes: response.scopes
        )
    }
}
