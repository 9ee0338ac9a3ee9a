public import Secrets

#if canImport(FoundationEssentials)
public import struct FoundationEssentials.Date
#else
public import struct Foundation.Date
#endif

extension RelyingParty {
    /// Exchanges the code for tokens, and checks the ID token in full before any of them is given out.
    ///
    /// The code is sent once. After a failure of any kind the login must be started again: the provider may have spent
    /// the code, and takes back its tokens when it comes a second time (RFC 6749 section 4.1.2).
    ///
    /// - Parameter maximumAuthenticationAge: the `max_age` of the authorization request; nil takes the configuration's.
    /// - Throws: ``OpenIDConnectError``; `CancellationError`.
    public func exchange(
        _ callback: ValidatedCallback,
        codeVerifier: Secret<String>,
        nonce: Secret<String>,
        maximumAuthenticationAge: Duration? = nil
    ) async throws -> TokenSet {
        try checkOwnIssuer(callback.issuer)
        let metadata = try await metadataSource.current()
        let response = try await TokenEndpoint(client: client, metadata: metadata.value).request([
            ("grant_type", "authorization_code"),
            ("code", callback.code.reveal()),
            ("redirect_uri", callback.redirectURI),
            ("code_verifier", codeVerifier.reveal()),
        ])
        let now = clock.now()
        guard let idToken = response.idToken else {
            throw OpenIDConnectError(.idTokenMissing, "token endpoint: no ID token although openid was asked for")
        }
        let expected = IDTokenExpectation(
            configuration: configuration,
            occasion: .login(nonce: nonce),
            accessToken: response.accessToken,
            maximumAuthenticationAge: maximumAuthenticationAge ?? configuration.options.maximumAuthenticationAge,
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

    /// Exchanges a refresh token, and checks a new ID token, if one comes, by Core section 12.2.
    ///
    /// No scope is asked for, which means: as before.
    ///
    /// - Parameters:
    ///   - subject: `sub` of the login.
    ///   - nonce: the nonce of the login, if it is still known.
    ///   - authenticatedAt: `auth_time` of the login, if it had one and it is still known: a new ID token must not say
    ///     another.
    /// - Throws: ``OpenIDConnectError``; of these ``OpenIDConnectError/Code/grantRejected`` says that the refresh token
    ///   is worth nothing any more. `CancellationError`.
    public func refresh(
        _ refreshToken: Secret<String>,
        subject: String,
        nonce: Secret<String>? = nil,
        authenticatedAt: Date? = nil
    ) async throws -> RefreshedTokens {
        let metadata = try await metadataSource.current()
        let response = try await TokenEndpoint(client: client, metadata: metadata.value).request([
            ("grant_type", "refresh_token"),
            ("refresh_token", refreshToken.reveal()),
        ])
        let now = clock.now()
        var claims: IDTokenClaims?
        if let idToken = response.idToken {
            let expected = IDTokenExpectation(
                configuration: configuration,
                occasion: .refresh(subject: subject, nonce: nonce, authenticatedAt: authenticatedAt),
                accessToken: response.accessToken,
                maximumAuthenticationAge: nil,
                now: now
            )
            claims = try await verifier(metadata).verify(idToken, by: expected)
        }
        return RefreshedTokens(
            accessToken: response.accessToken,
            accessTokenExpiresAt: response.accessTokenExpiry(from: now),
            refreshToken: response.refreshToken,
            idToken: response.idToken,
            claims: claims,
            scopes: response.scopes
        )
    }

    private func verifier(_ metadata: MetadataSource.Entry) -> IDTokenVerifier {
        IDTokenVerifier(keys: keys, metadata: metadata, source: metadataSource)
    }
}
