extension SessionManager {
    /// The live sessions of a user, the newest first.
    public func getUserSessions(_ user: UserKey) async throws(SessionError) -> [SessionSummary] {
        let user = try scoped(user)
        return try await store.sessions(of: user, policy: policy)
    }

    /// Ends a session from a list: the row stays for ``SessionPolicy/revokedRetention`` with time and reason, its
    /// tokens go at once.
    ///
    /// Whose session it is isn't asked; a page for users compares with ``getUserSessions(_:)`` first.
    /// - Parameters:
    ///   - handle: Which one.
    ///   - reason: What the row and the audit trail say.
    ///   - requester: Who asks, for the audit trail; here and in the other methods.
    /// - Returns: false when it wasn't alive.
    @discardableResult
    public func revokeSession(
        _ handle: SessionHandle,
        reason: SessionEndReason = .revoked,
        by requester: Requester? = nil
    ) async throws(SessionError) -> Bool {
        let isRevoked = try await store.revoke(handle, reason: reason, by: requester, policy: policy)
        if isRevoked {
            SessionMetrics.ended(reason, count: 1)
        }
        return isRevoked
    }

    /// Ends a session whose id is known; as ``revokeSession(_:reason:by:)-(SessionHandle,_,_)``.
    @discardableResult
    public func revokeSession(
        _ id: SessionID,
        reason: SessionEndReason = .revoked,
        by requester: Requester? = nil
    ) async throws(SessionError) -> Bool {
        touchWriter.forget(id)
        return try await revokeSession(id.handle, reason: reason, by: requester)
    }

    /// Ends all sessions of a user but, say, the one that asked; returns how many.
    @discardableResult
    public func invalidateUserSessions(
        _ user: UserKey,
        except: SessionID? = nil,
        by requester: Requester? = nil
    ) async throws(SessionError) -> Int {
        let user = try scoped(user)
        let count = try await store.revokeAll(
            of: user,
            except: except,
            reason: .invalidated,
            by: requester,
            policy: policy
        )
        SessionMetrics.ended(.invalidated, count: count)
        return count
    }

    /// Gives the live sessions of a user these roles: seen by the next request; returns how many there were.
    @discardableResult
    public func updateUserRole(
        _ user: UserKey,
        to roles: [String],
        by requester: Requester? = nil
    ) async throws(SessionError) -> Int {
        let user = try scoped(user)
        var attributes = SessionAttributes()
        attributes.roles = roles
        try attributes.validate()
        return try await store.updateUser(user, profile: [:], roles: roles, by: requester, policy: policy)
    }

    /// Merges members into the profile of a user's live sessions (nil removes one); returns how many there were.
    @discardableResult
    public func updateUserProfile(
        _ user: UserKey,
        _ profile: [String: JSONValue?],
        by requester: Requester? = nil
    ) async throws(SessionError) -> Int {
        let user = try scoped(user)
        var attributes = SessionAttributes()
        attributes.profile = profile.mapValues { $0 ?? .null }
        try attributes.validate()
        return try await store.updateUser(user, profile: profile, roles: nil, by: requester, policy: policy)
    }

    /// Revokes the oldest live sessions of a user beyond a maximum; returns how many.
    @discardableResult
    public func enforceUserSessionLimit(
        _ user: UserKey,
        maximum: Int? = nil,
        by requester: Requester? = nil
    ) async throws(SessionError) -> Int {
        let user = try scoped(user)
        let maximum = maximum ?? policy.maximumSessionsPerUser
        guard maximum >= 0 else { throw SessionError(.invalidInput, "a session limit can't be negative") }
        let count = try await store.enforceLimit(of: user, maximum: maximum, by: requester, policy: policy)
        SessionMetrics.ended(.sessionLimit, count: count)
        return count
    }

    /// A user as the store has them: of the scope's tenant unless another is named.
    private func scoped(_ user: UserKey) throws(SessionError) -> UserKey {
        var user = user
        if user.tenantID.isEmpty { user.tenantID = policy.tenantID ?? "" }
        try user.validate()
        return user
    }
}
