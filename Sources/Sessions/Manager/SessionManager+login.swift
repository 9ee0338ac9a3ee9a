public import Secrets

extension SessionManager {
    /// Remembers a started login, for ``SessionPolicy/loginLifetime``.
    public func beginLogin(_ login: NewPendingLogin) async throws(SessionError) -> PendingLogin {
        var login = login
        login.tenantID = try policy.scoped(login.tenantID)
        try login.validate()
        return try await store.create(login, id: PendingLoginID(), policy: policy)
    }

    /// Takes a started login: of any number of callers, on any replica, one gets it.
    ///
    /// - Returns: nil when there is none, it is too old, it was taken before, or `state` isn't its state (then it stays
    ///   for the right caller).
    public func claimLogin(
        _ id: PendingLoginID,
        state: Secret<String>
    ) async throws(SessionError) -> PendingLogin? {
        try await store.claim(id, state: state.reveal(), policy: policy)
    }

    /// Signs a user in: a new session under a new id, in one atomic step.
    ///
    /// The browser's previous session, whatever it was, is ended in the same step, and the user's oldest active
    /// sessions beyond ``SessionPolicy/maximumSessionsPerUser`` are revoked.
    /// - Returns: The session; the answer to the browser carries its id.
    /// - Throws: ``SessionError/Code/endedByProvider`` when the provider has ended the login since it issued the ID
    ///   token: nobody is signed in then, and nothing else has changed.
    public func completeLogin(
        _ login: AuthenticatedLogin,
        replacing previous: SessionID?
    ) async throws(SessionError) -> Session {
        let new = NewSession(attributes: login.attributes, idTokenIssuedAt: login.idTokenIssuedAt)
        let replaced = previous.map { ReplacedSession(id: $0) }
        guard let session = try await createIfStillPossible(new, replacing: replaced) else {
            throw SessionError(.endedByProvider, "the provider has ended the login before it was stored")
        }
        return session
    }
}
