public import Secrets

extension SessionManager {
    /// Asks for the right to refresh the tokens of a session: of any number of callers, on any replica, one gets it.
    ///
    /// Whoever is granted it exchanges the refresh token, renewing the lease meanwhile, and ends with one of
    /// ``completeRefresh(_:fence:_:)``, ``releaseRefreshLease(_:fence:retryAfter:refreshToken:)`` and
    /// ``revokeAfterRefresh(_:fence:verdict:)``. `TokenRefresher` of `LoginFlow` does all of this.
    public func acquireRefreshLease(
        _ id: SessionID,
        _ request: RefreshLeaseRequest
    ) async throws(SessionError) -> RefreshLeaseAnswer {
        try await store.acquireRefreshLease(id, request, policy: policy)
    }

    /// Makes the lease last for a duration from now; false when the session has ended or somebody took the lease over.
    public func renewRefreshLease(
        _ id: SessionID,
        fence: Int64,
        duration: Duration
    ) async throws(SessionError) -> Bool {
        try await store.renewRefreshLease(id, fence: fence, duration: duration, policy: policy)
    }

    /// Writes the result of a refresh: the session keeps its id, and its end moves to now plus
    /// ``SessionPolicy/refreshExtension``, within the absolute lifetime.
    ///
    /// - Returns: nil when the session has ended or somebody took the lease over: drop the tokens.
    public func completeRefresh(
        _ id: SessionID,
        fence: Int64,
        _ update: SessionUpdate
    ) async throws(SessionError) -> Session? {
        var update = try update.validated()
        update.extendsLifetime = true
        return try await store.completeRefresh(id, fence: fence, update, policy: policy)
    }

    /// Gives the lease back without a result.
    ///
    /// - Parameters:
    ///   - retryAfter: nobody tries again for so long, and it counts as a failure; nil when nothing was tried.
    ///   - refreshToken: the one to use next time, when the provider has replaced it all the same.
    public func releaseRefreshLease(
        _ id: SessionID,
        fence: Int64,
        retryAfter: Duration?,
        refreshToken: Secret<String>? = nil
    ) async throws(SessionError) {
        var attributes = SessionAttributes()
        attributes.refreshToken = refreshToken
        try attributes.validate()
        try await store.releaseRefreshLease(
            id,
            fence: fence,
            retryAfter: retryAfter,
            refreshToken: refreshToken,
            policy: policy
        )
    }

    /// Ends the session because its refresh token is worth nothing any more; false when it has ended already, somebody
    /// took the lease over, or a lease that was lost is so no more.
    public func revokeAfterRefresh(
        _ id: SessionID,
        fence: Int64,
        verdict: RefreshVerdict = .refused
    ) async throws(SessionError) -> Bool {
        touchWriter.forget(id)
        let isRevoked = try await store.revokeAfterRefresh(id, fence: fence, verdict: verdict, policy: policy)
        if isRevoked { SessionMetrics.ended(.refreshFailed, count: 1) }
        return isRevoked
    }
}
