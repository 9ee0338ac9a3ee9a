public import Sessions

extension LoginFlow {
    /// The session with an access token that is good for a while, refreshed if need be.
    ///
    /// - Parameters:
    ///   - id: What the browser presented; this counts as a use.
    ///   - margin: How long the access token must be good; nil takes ``Options/refreshMargin``. Beyond half of the
    ///     tokens' lifetime it counts as that half.
    ///   - metadata: The request that asks: a refresh records its address and user agent.
    /// - Returns: nil when there is no such session, or the refresh has shown that it is over: the provider refused the
    ///   refresh token, or answered for somebody else. A session that can't be refreshed (no refresh token, a provider
    ///   that isn't configured any more, ``Options/refreshesTokens`` off) comes as it is. So does one whose access token
    ///   is still good when the provider can't be asked; look at `accessTokenExpiresAt`.
    /// - Throws: ``LoginError/Code/refreshUnavailable`` when the access token has ended and there is no new one for now;
    ///   ``LoginError/Code/storeUnavailable``. The session lives on in both cases.
    public func freshSession(
        _ id: SessionID,
        margin: Duration? = nil,
        metadata: BrowserState = BrowserState()
    ) async throws(LoginError) -> Session? {
        let margin = margin ?? options.refreshMargin
        guard let session = try await storedSession(id) else { return nil }
        guard options.refreshesTokens, session.isAccessTokenExpiring(within: margin) else { return session }
        return try await refresher.refresh(session, .expiring(within: margin), for: metadata)
    }

    /// The session with tokens that are younger than this call, however long the old ones would have been good: for
    /// when the provider is known to say something new about the user.
    ///
    /// Any number of simultaneous calls share one refresh. Returns and throws as ``freshSession(_:margin:metadata:)``.
    public func refresh(
        _ id: SessionID,
        metadata: BrowserState = BrowserState()
    ) async throws(LoginError) -> Session? {
        guard let session = try await storedSession(id) else { return nil }
        guard options.refreshesTokens else { return session }
        return try await refresher.refresh(session, .notRefreshedSince(session.readAt), for: metadata)
    }

    /// Begins a refresh of a session that has just been read, if its access token is about to end, and doesn't wait.
    public func refreshInBackground(_ session: Session, metadata: BrowserState = BrowserState()) {
        guard options.refreshesTokens else { return }
        refresher.refreshInBackground(session, for: metadata)
    }

    private func storedSession(_ id: SessionID) async throws(LoginError) -> Session? {
        do {
            return try await manager.getSession(id)
        } catch {
            throw LoginError(error)
        }
    }
}
