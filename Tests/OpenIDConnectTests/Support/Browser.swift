import OpenIDConnect
import ScriptedProvider

/// Plays one login through a relying party and its provider, step by step or at once.
struct Browser {
    let provider: ScriptedProvider
    let relyingParty: RelyingParty

    init(_ provider: ScriptedProvider, _ relyingParty: RelyingParty) {
        self.provider = provider
        self.relyingParty = relyingParty
    }

    init(_ provider: ScriptedProvider, adjust: (inout ProviderConfiguration.Options) -> Void = { _ in }) throws {
        self.provider = provider
        self.relyingParty = try provider.relyingParty(adjust: adjust)
    }

    /// From the first click to the tokens, and to userinfo as an application would ask for it.
    @discardableResult
    func login(
        _ options: AuthorizationOptions = AuthorizationOptions(),
        as user: ScriptedUser = .alice
    ) async throws -> (tokens: TokenSet, userInfo: UserInfo) {
        let request = try await relyingParty.authorizationRequest(options)
        let answer = try provider.authorize(request.url, as: user)
        let tokens = try await exchange(answer.query, for: request)
        let userInfo = try await relyingParty.userInfo(
            accessToken: tokens.accessToken,
            expectedSubject: tokens.claims.subject
        )
        return (tokens, userInfo)
    }

    /// The callback with this query.
    func exchange(_ query: String, for request: AuthorizationRequest) async throws -> TokenSet {
        let callback = try await relyingParty.validatedCallback(
            CallbackParameters(query: query),
            expecting: request.expectation
        )
        return try await relyingParty.exchange(
            callback,
            codeVerifier: request.codeVerifier,
            nonce: request.nonce,
            maximumAuthenticationAge: request.maximumAuthenticationAge,
            requiredAuthenticationContexts: request.requiredAuthenticationContexts
        )
    }

    /// The error of a whole login, which must fail.
    func loginError(_ options: AuthorizationOptions = AuthorizationOptions()) async -> OpenIDConnectError? {
        do {
            try await login(options)
            return nil
        } catch {
            return error as? OpenIDConnectError
        }
    }
}

extension AuthorizationRequest {
    var expectation: ExpectedCallback {
        ExpectedCallback(state: state, issuer: issuer, redirectURI: redirectURI)
    }
}
