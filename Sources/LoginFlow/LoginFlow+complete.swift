import Logging
public import OpenIDConnect
import Sessions

extension LoginFlow {
    /// Finishes a login: takes it out of the store, exchanges the code, and signs the user in under a new session id.
    ///
    /// The login is taken first, by one atomic statement, so that of any number of callbacks, on any replica, one
    /// reaches the token endpoint. What fails after that can't be repeated with the same code: start again.
    /// - Parameters:
    ///   - callback: The authorization response.
    ///   - browser: What the browser brought: a login that its cookies don't name is not found (RFC 9700 section 4.7).
    ///   - redirectURI: Where the answer arrived, when that can be another provider's redirect URI; nil: it can't.
    /// - Throws: ``LoginError``; with ``LoginError/Code/storeUnavailable`` before anything was taken, the same callback
    ///   may be tried again.
    public func complete(
        _ callback: CallbackParameters,
        browser: BrowserState,
        receivedAt redirectURI: String? = nil
    ) async throws(LoginError) -> CompletedLogin {
        let login: PendingLogin
        do {
            login = try await claim(callback, among: browser.pendingLogins)
        } catch {
            LoginMetrics.failed(error.code, provider: nil)
            throw error
        }
        do {
            try Self.check(redirectURI, of: login)
            let session = try await signIn(login, callback: callback, browser: browser)
            LoginMetrics.completed(provider: login.provider)
            logger.info(
                "Signed in",
                metadata: ["session": "\(session.handle)", "provider": "\(login.provider)"]
            )
            return CompletedLogin(session: session, pendingLogin: login.id, returnTo: returnTo(login.returnTo))
        } catch {
            let retry = NewLogin(provider: login.provider, returnTo: returnTo(login.returnTo))
            let failure = LoginError(error).retrying(retry)
            // What the database says is no label: it may be a provider that was configured once.
            LoginMetrics.failed(failure.code, provider: providers[login.provider].map { _ in login.provider })
            throw failure
        }
    }

    /// RFC 9700 section 4.4.2.2: an answer that arrives at another provider's redirect URI is another provider's.
    private static func check(_ redirectURI: String?, of login: PendingLogin) throws(LoginError) {
        guard let redirectURI, !redirectURI.hasSameBytes(as: login.redirectURI) else { return }
        throw LoginError(.issuerMismatch, "the answer arrived at another redirect URI than the login's")
    }

    private func claim(
        _ callback: CallbackParameters,
        among candidates: [PendingLoginID]
    ) async throws(LoginError) -> PendingLogin {
        guard let state = callback.state else {
            throw LoginError(.loginNotFound, "the callback has no state")
        }
        do {
            for candidate in candidates {
                if let login = try await manager.claimLogin(candidate, state: state) { return login }
            }
        } catch {
            throw LoginError(error)
        }
        throw LoginError(.loginNotFound, "the callback belongs to no login of this browser that is still open")
    }

    private func signIn(
        _ login: PendingLogin,
        callback: CallbackParameters,
        browser: BrowserState
    ) async throws -> Session {
        // The issuer that was remembered decides, not whatever the callback says (RFC 9700 section 4.4.2).
        guard let provider = providers[login.provider], provider.configuration.issuer.hasSameBytes(as: login.issuer)
        else {
            throw LoginError(.loginNotFound, "the login was started at a provider that is no longer configured")
        }
        let expected = ExpectedCallback(state: login.state, issuer: login.issuer, redirectURI: login.redirectURI)
        let validated = try await provider.validatedCallback(callback, expecting: expected)
        let tokens = try await provider.exchange(
            validated,
            codeVerifier: login.codeVerifier,
            nonce: login.nonce,
            maximumAuthenticationAge: login.maximumAuthenticationAge
        )
        // Where this fails the tokens are left to expire: the user is about to try again, with the same grant.
        var userInfo: UserInfo?
        if provider.configuration.options.usesUserInfo {
            userInfo = try await provider.userInfo(
                accessToken: tokens.accessToken,
                expectedSubject: tokens.claims.subject
            )
        }
        let authenticated = authenticatedLogin(login, tokens: tokens, userInfo: userInfo, browser: browser)
        do {
            return try await manager.completeLogin(authenticated, replacing: browser.session)
        } catch {
            // Nobody will ever use them, whatever became of the session: no browser learns its id.
            refresher.takeBack(tokens.refreshToken, of: authenticated.user, at: provider)
            throw error
        }
    }

    private func authenticatedLogin(
        _ login: PendingLogin,
        tokens: TokenSet,
        userInfo: UserInfo?,
        browser: BrowserState
    ) -> AuthenticatedLogin {
        let profile = StandardClaims(tokens.claims, userInfo: userInfo).profile
        let user = UserKey(tenantID: login.tenantID, issuer: login.issuer, subject: tokens.claims.subject)
        var authenticated = AuthenticatedLogin(user: user)
        authenticated.provider = login.provider
        authenticated.providerSessionID = tokens.claims.sessionID
        authenticated.accessToken = tokens.accessToken
        authenticated.refreshToken = tokens.refreshToken
        authenticated.idToken = tokens.idToken
        authenticated.accessTokenExpiresAt = tokens.accessTokenExpiresAt
        authenticated.idTokenIssuedAt = tokens.claims.issuedAt
        authenticated.userAgent = browser.userAgent
        authenticated.deviceLabel = browser.userAgent.flatMap(DeviceLabel.of(userAgent:))
        authenticated.ipAddress = browser.ipAddress
        authenticated.profile = profile
        authenticated.roles = profile[options.rolesClaim]?.stringArrayValue ?? []
        return authenticated
    }
}
