public import Secrets

extension RelyingParty {
    /// Exchanges the code for tokens, and checks the ID token in full before any of them is given out.
    ///
    /// The code is sent once. After a failure of any kind the login must be started again: the provider may have spent
    /// the code, and takes back its tokens when it comes a second time (RFC 6749 section 4.1.2).
    ///
    /// - Parameters:
    ///   - maximumAuthenticationAge: the `max_age` of the authorization request; nil takes the configuration's.
    ///   - requiredAuthenticationContexts: the `acr_values` of the authorization request; nil takes the configuration's.
    /// - Throws: ``OpenIDConnectError``; `CancellationError`.
    public func exchange(
        _ callback: ValidatedCallback,
        codeVerifier: Secret<String>,
        nonce: Secret<String>,
        maximumAuthenticationAge: Duration? = nil,
        requiredAuthenticationContexts: [String]? = nil
    ) async throws -> TokenSet {
        try checkOwnIssuer(callback.issuer)
        let metadata = try await metadataSource.current()
        let response = try await TokenEndpoint(client: endpointClient(metadata.value)).request([
            ("grant_type", "authorization_code"),
            ("code", callback.code.reveal()),
            ("redirect_uri", callback.redirectURI),
            ("code_verifier", codeVerifier.reveal()),
        ])
        try response.checkType()
        let now = clock.now()
        guard let idToken = response.idToken else {
            throw OpenIDConnectError(.idTokenMissing, "token endpoint: no ID token although openid was asked for")
        }
        let expected = IDTokenExpectation(
            configuration: configuration,
            occasion: .login(nonce: nonce),
            accessToken: response.accessToken,
            maximumAuthenticationAge: maximumAuthenticationAge ?? configuration.options.maximumAuthenticationAge,
            requiredAuthenticationContexts: requiredAuthenticationContexts
                ?? configuration.options.requiredAuthenticationContexts,
            now: now
        )
        let claims = try await verifier(metadata).verify(idToken, by: expected)
        return TokenSet(
            accessToken: response.accessToken,
            accessTokenExpiresAt: response.accessTokenExpiry(from: now),
            refreshToken: response.refreshToken,
            idToken: idToken,
            claims: claims,
            scopes: response.scopes ?? configuration.options.scopes
        )
    }

    func verifier(_ metadata: MetadataSource.Entry) -> IDTokenVerifier {
        IDTokenVerifier(keys: keys, metadata: metadata, source: metadataSource)
    }
}
