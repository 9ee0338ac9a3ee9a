public import Secrets

extension RelyingParty {
    /// The provider's metadata, from the cache when it is fresh.
    public func metadata() async throws -> ProviderMetadata { throw OpenIDConnectError(.providerUnavailable, "") }

    /// Starts a login.
    public func authorizationRequest(
        _ options: AuthorizationOptions = AuthorizationOptions()
    ) async throws -> AuthorizationRequest { throw OpenIDConnectError(.providerUnavailable, "") }

    /// Judges an authorization response by the login that it claims to finish.
    public func validatedCallback(
        _ parameters: CallbackParameters,
        expecting: ExpectedCallback
    ) async throws -> ValidatedCallback { throw OpenIDConnectError(.providerUnavailable, "") }

    /// Exchanges the code, and checks the ID token in full.
    public func exchange(
        _ callback: ValidatedCallback,
        codeVerifier: Secret<String>,
        nonce: Secret<String>,
        maximumAuthenticationAge: Duration? = nil
    ) async throws -> TokenSet { throw OpenIDConnectError(.providerUnavailable, "") }

    /// Asks for further claims.
    public func userInfo(accessToken: Secret<String>, expectedSubject: String) async throws -> UserInfo {
        throw OpenIDConnectError(.providerUnavailable, "")
    }

    /// Refreshes.
    public func refresh(
        _ refreshToken: Secret<String>,
        subject: String,
        nonce: Secret<String>? = nil
    ) async throws -> RefreshedTokens { throw OpenIDConnectError(.providerUnavailable, "") }

    /// Where to send the browser to sign out of the provider; nil when there is no such place.
    public func endSessionRequest(idTokenHint: Secret<String>?, state: Secret<String>?) async throws -> String? {
        throw OpenIDConnectError(.providerUnavailable, "")
    }
}
