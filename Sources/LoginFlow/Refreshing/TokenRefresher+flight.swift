import Logging
import OpenIDConnect
import Sessions

extension TokenRefresher {
    /// Takes the lease and refreshes, or waits for whoever has it.
    func fly(
        _ id: SessionID,
        _ need: RefreshLeaseRequest.Need,
        for browser: BrowserState
    ) async -> Result<Landing, LoginError> {
        do {
            return try await seekLease(id, RefreshLeaseRequest(need, duration: pacing.leaseDuration), for: browser)
        } catch {
            return .failure(LoginError(error))
        }
    }

    private func seekLease(
        _ id: SessionID,
        _ request: RefreshLeaseRequest,
        for browser: BrowserState
    ) async throws -> Result<Landing, LoginError> {
        let deadline = clock.now() + pacing.waitLimit
        var pause = pacing.firstPoll
        while true {
            switch try await manager.acquireRefreshLease(id, request) {
            case .granted(let lease):
                return await use(lease, for: browser)
            case .fresh(let session):
                return .success(.fresh(session))
            case .held(let session, let remaining):
                guard clock.now() < deadline else {
                    LoginMetrics.refreshed(.waitedInVain, provider: session.provider)
                    return usable(session, after: .zero, retryAfter: remaining)
                }
                try await clock.sleep(pause)
                pause = min(pause * 1.5, pacing.longestPoll)
            case .waiting(let session, let remaining):
                return usable(session, after: .zero, retryAfter: remaining)
            case .lost(let fence):
                let reason = "two exchanges of its refresh token were cut off"
                return try await end(id, fence: fence, .lost, because: reason)
            case .none:
                return .success(try await manager.getSession(id, touch: false).map { .unchanged($0) } ?? .ended)
            }
        }
    }

    /// What a request gets without new tokens: the session while its access token is good, an error after that.
    func usable(
        _ session: Session,
        after elapsed: Duration,
        retryAfter: Duration
    ) -> Result<Landing, LoginError> {
        if session.hasUsableAccessToken(after: elapsed) { return .success(.unchanged(session)) }
        return .failure(
            LoginError(
                .refreshUnavailable,
                "the access token has ended and there is no new one for now",
                retryAfter: max(retryAfter, .seconds(1))
            )
        )
    }

    /// Ends a session whose refresh token is of no use any more; whoever holds a later fence, or has come back, knows
    /// better.
    func end(
        _ id: SessionID,
        fence: Int64,
        _ verdict: RefreshVerdict,
        because reason: String
    ) async throws -> Result<Landing, LoginError> {
        let isRevoked = try await persisting { () async throws(SessionError) in
            try await manager.revokeAfterRefresh(id, fence: fence, verdict: verdict)
        }
        if isRevoked {
            logger.notice("A session has ended", metadata: ["session": "\(id.handle)", "reason": "\(reason)"])
            return .success(.ended)
        }
        return .success(try await manager.getSession(id, touch: false).map { .unchanged($0) } ?? .ended)
    }

    /// Offers a write to the store until it takes it: what it says can't be had a second time.
    func persisting<Value: Sendable>(
        _ body: () async throws(SessionError) -> Value
    ) async throws -> Value {
        let deadline = clock.now() + pacing.writeLimit
        var pause = pacing.firstPoll
        while true {
            do {
                return try await body()
            } catch {
                guard error.isTransient, clock.now() < deadline else { throw error }
                logger.warning("The end of a refresh can't be stored yet", metadata: ["error": "\(error)"])
                try await clock.sleep(pause)
                pause = min(pause * 2, pacing.longestPoll)
            }
        }
    }
}
