extension SessionManager {
    /// Ends the sessions that a provider says are over, once for each notice, and remembers the notice in the same step.
    ///
    /// A login that was under way meanwhile, with an ID token from before the notice, is refused by
    /// ``completeLogin(_:replacing:)`` on every replica. A session whose ID token was issued after the notice is left
    /// alone, so that a notice that comes late ends nothing that began since.
    ///
    /// - With a session and a user, that session ends, and those of the user whose provider session isn't known.
    /// - Throws: when nothing is known: the provider has to be told that it failed.
    public func endByProvider(_ notice: LogoutNotice) async throws(SessionError) -> BackChannelOutcome {
        var notice = notice
        notice.tenantID = try policy.scoped(notice.tenantID)
        try notice.validate()
        let outcome = try await store.endByProvider(notice, policy: policy)
        if case .ended(let count, _) = outcome { SessionMetrics.ended(.provider, count: count) }
        return outcome
    }
}
