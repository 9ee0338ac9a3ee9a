import Logging
import OpenIDConnect
import Secrets
import Sessions

extension TokenRefresher {
    /// Exchanges the refresh token and stores the result, renewing the lease meanwhile.
    func use(_ lease: RefreshLease, for browser: BrowserState) async -> Result<Landing, LoginError> {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.renew(lease) }
            defer { group.cancelAll() }
            do {
                return try await exchange(lease, for: browser)
            } catch {
                // The store is out of reach, or the process is going down. The lease runs out by itself.
                logger.warning(
                    "A refresh was cut off",
                    metadata: ["session": "\(lease.session.handle)", "error": "\(LoginError(error))"]
                )
                return .failure(LoginError(error))
            }
        }
    }

    private func renew(_ lease: RefreshLease) async {
        while (try? await clock.sleep(pacing.leaseDuration / 3)) != nil {
            do {
                let isOurs = try await manager.renewRefreshLease(
                    lease.session.id,
                    fence: lease.fence,
                    duration: pacing.leaseDuration
                )
                // The session has ended, or somebody took over: the result will be refused, which is soon enough.
                guard isOurs else { return }
            } catch {
                logger.debug("A refresh lease was not renewed", metadata: ["error": "\(error)"])
            }
        }
    }

    private func exchange(_ lease: RefreshLease, for browser: BrowserState) async throws -> Result<Landing, LoginError>
    {
        let session = lease.session
        let attempt = RefreshAttempt(lease: lease, provider: provider(of: session), start: clock.now())
        guard let provider = attempt.provider, let refreshToken = session.refreshToken, let login = attempt.login else {
            try await manager.releaseRefreshLease(session.id, fence: lease.fence, retryAfter: nil)
            return .success(.unchanged(session))
        }
        do {
            // Before the token is sent, so that a failure here isn't taken for one whose outcome is unknown.
            _ = try await provider.metadata()
        } catch {
            return try await giveUp(attempt, error)
        }
        let answer: UnverifiedRefresh
        do {
            answer = try await provider.redeem(refreshToken, of: login)
        } catch let error as OpenIDConnectError where error.code == .grantRejected {
            LoginMetrics.refreshed(.refused, provider: session.provider)
            let reason = lease.isTakeover ? "its refresh was lost: the refresh token is spent" : "its refresh token"
            return try await end(session.id, fence: lease.fence, .refused, because: "the provider refused \(reason)")
        } catch {
            return try await giveUp(attempt, error, isSent: true)
        }
        do {
            let tokens = try await provider.verified(answer)
            let claims = RefreshedClaims(
                idToken: tokens.claims,
                previous: login.profile,
                userInfo: try await userInfo(tokens, subject: login.subject, at: provider),
                rolesClaim: options.rolesClaim
            )
            let update = SessionUpdate(
                refreshing: session,
                by: tokens,
                claims: claims,
                nonce: login.nonce,
                rolesClaim: options.rolesClaim,
                for: browser
            )
            return try await store(update, tokens, attempt)
        } catch let error as OpenIDConnectError where error.contradictsLogin {
            LoginMetrics.refreshed(.anotherUser, provider: session.provider)
            return try await end(
                session.id,
                fence: lease.fence,
                .refused,
                because: "the provider answered \(error.code)"
            )
        } catch let error where error is OpenIDConnectError || (error as? SessionError)?.isTransient == false {
            // Nothing of it is used but what the provider wants to see next time.
            return try await giveUp(attempt, error, refreshToken: answer.refreshToken)
        }
    }

    /// What userinfo says about the user now, where it is asked.
    private func userInfo(
        _ tokens: RefreshedTokens,
        subject: String,
        at provider: RelyingParty
    ) async throws -> RefreshedClaims.UserInfoAnswer {
        guard provider.configuration.options.usesUserInfo else { return .notAsked }
        do {
            return .answered(try await provider.userInfo(accessToken: tokens.accessToken, expectedSubject: subject))
        } catch let error as OpenIDConnectError where error.code != .userInfoSubject {
            logger.warning(
                "Tokens were refreshed, but userinfo gave no answer: what only it says about the user stays",
                metadata: ["provider": "\(provider.configuration.name)", "error": "\(error)"]
            )
            return .failed
        }
    }

    private func store(
        _ update: SessionUpdate,
        _ tokens: RefreshedTokens,
        _ attempt: RefreshAttempt
    ) async throws -> Result<Landing, LoginError> {
        let (id, fence) = (attempt.lease.session.id, attempt.lease.fence)
        let stored = try await persisting { () async throws(SessionError) in
            try await manager.completeRefresh(id, fence: fence, update)
        }
        if let stored {
            LoginMetrics.refreshed(.refreshed, provider: stored.provider)
            logger.info("Tokens refreshed", metadata: ["session": "\(id.handle)"])
            return .success(.refreshed(stored))
        }
        LoginMetrics.refreshed(.dropped, provider: attempt.lease.session.provider)
        logger.info(
            "Tokens came for a session that has ended or was refreshed by another, and are dropped",
            metadata: ["session": "\(id.handle)"]
        )
        if let session = try await manager.getSession(id, touch: false) { return .success(.unchanged(session)) }
        // Not while the session lives on with another replica's tokens: they are of the same grant, and providers take
        // them back together.
        if let provider = attempt.provider, let user = attempt.lease.session.user {
            takeBack(tokens.refreshToken, of: user, at: provider)
        }
        return .success(.ended)
    }

    /// Gives the lease back so that nobody tries again too soon, on any replica.
    ///
    /// Only the refresh token itself being refused ends a session: whatever else is wrong, at the provider or in our
    /// settings, may be put right.
    private func giveUp(
        _ attempt: RefreshAttempt,
        _ error: any Error,
        isSent: Bool = false,
        refreshToken: Secret<String>? = nil
    ) async throws -> Result<Landing, LoginError> {
        let (session, elapsed) = (attempt.lease.session, clock.now() - attempt.start)
        let problem = error as? OpenIDConnectError
        var pause = max(pacing.backoff(failures: attempt.lease.failures), problem?.retryAfter ?? .zero)
        if isSent, problem?.hasUnknownOutcome ?? true {
            // The token may be spent, and its second use may cost the access token as well: that is used up first.
            pause = max(pause, session.accessTokenLifetime - elapsed)
        }
        LoginMetrics.refreshed(problem?.isTransient == true ? .unavailable : .failed, provider: session.provider)
        logger.warning(
            "Tokens were not refreshed",
            metadata: [
                "session": "\(session.handle)", "error": "\(LoginError(error))",
                "retryAfter": "\(pause.components.seconds) s",
            ]
        )
        try await persisting { () async throws(SessionError) in
            try await manager.releaseRefreshLease(
                session.id,
                fence: attempt.lease.fence,
                retryAfter: pause,
                refreshToken: refreshToken
            )
        }
        return usable(session, after: elapsed, retryAfter: pause)
    }
}
