import OpenIDConnect
import Sessions

extension LoginFlow {
    /// Starts a login: builds the authorization request, and remembers what its answer must fit.
    ///
    /// Each call is an attempt of its own with its own state, nonce and verifier, so that several tabs can sign in at
    /// once.
    /// - Throws: ``LoginError``; nothing is remembered then.
    public func begin(_ new: NewLogin) async throws(LoginError) -> StartedLogin {
        let provider = try provider(named: new.provider)
        do {
            let options = new.options.demanding(provider.configuration.options)
            let request = try await provider.authorizationRequest(options)
            let login = try await manager.beginLogin(
                NewPendingLogin(
                    state: request.state,
                    nonce: request.nonce,
                    codeVerifier: request.codeVerifier,
                    issuer: request.issuer,
                    provider: provider.configuration.name,
                    redirectURI: request.redirectURI,
                    returnTo: new.returnTo.path,
                    maximumAuthenticationAge: request.maximumAuthenticationAge
                )
            )
            LoginMetrics.started(provider: provider.configuration.name)
            return StartedLogin(
                redirectURL: request.url,
                login: login,
                usesFormPost: provider.configuration.options.responseMode == .formPost
            )
        } catch {
            let failure = LoginError(error).retrying(new)
            LoginMetrics.failed(failure.code, provider: provider.configuration.name)
            throw failure
        }
    }

    private func provider(named name: String?) throws(LoginError) -> RelyingParty {
        guard let name else {
            guard let provider = providers.default else {
                throw LoginError(.providerRequired, "a login named no provider, and there are several")
            }
            return provider
        }
        guard let provider = providers[name] else {
            throw LoginError(.unknownProvider, "a login asked for a provider that is not configured")
        }
        return provider
    }
}
