extension SessionManager {
    /// The live sessions of a user, the newest first.
    public func getUserSessions(_ user: UserKey) async throws(SessionError) -> [SessionSummary] {
        try user.validate()
        return try await store.sessions(of: user, policy: policy)
    }

    /// Ends a session from a list: the row stays for ``SessionPolicy/revokedRetention`` with time and reason, its
    /// tokens go at once.
    ///
    /// Whose session it is isn't asked; a page for users compares with ``getUserSessions(_:)`` first.
    /// - Returns: false when it wasn't alive.
    @discardableResult
    public func revokeSession(
        _ handle: SessionHandle,
        reason: SessionEndReason = .revoked
    ) async throws(SessionError) -> Bool {
        let isRevoked = try await store.revoke(handle, reason: reason, policy: policy)
        if isRevoked {
            SessionMetrics.ended(reason, count: 1)
        }
        return isRevoked
    }

    /// Ends a session whose id is known; as ``revokeSession(_:reason:)-(SessionHandle,_)``.
    @discardableResult
    public func revokeSession(
        _ id: SessionID,
        reason: SessionEndReason = .revoked
    ) async throws(SessionError) -> Bool {
        touchWriter.forget(id)
        return try await revokeSession(id.handle, reason: reason)
    }

    /// Ends all sessions of a user but, say, the one that asked; returns how many.
    @discardableResult
    public func invalidateUserSessions(
        _ user: UserKey,
        except: SessionID? = nil
    ) async throws(SessionError) -> Int {
        try user.validate()
        let count = try await store.revokeAll(of: user, except: except, reason: .invalidated, policy: policy)
        SessionMetrics.ended(.invalidated, count: count)
        return count
    }

    /// Gives the live sessions of a user these roles: seen by the next request; returns how many there were.
    @discardableResult
    public func updateUserRole(_ user: UserKey, to roles: [String]) async throws(SessionError) -> Int {
        try user.validate()
        var attributes = SessionAttributes()
        attributes.roles = roles
        try attributes.validate()
        return try await store.updateUser(user, profile: [:], roles: roles, policy: policy)
    }

    /// Merges members into the profile of a user's live sessions (nil removes one); returns how many there were.
    @discardableResult
    public func updateUserProfile(
        _ user: UserKey,
        _ profile: [String: JSONValue?]
    ) async throws(SessionError) -> Int {
        try user.validate()
        var attributes = SessionAttributes()
        attributes.profile = profile.mapValues { $0 ?? .null }
        try attributes.validate()
        return try await store.updateUser(user, profile: profile, roles: nil, policy: policy)
    }

    /// Revokes the oldest live sessions of a user beyond a maximum; returns how many.
    @discardableResult
    public func enforceUserSessionLimit(
        _ user: UserKey,
        maximum: Int? = nil
    ) async throws(SessionError) -> Int {
        try user.validate()
        let maximum = maximum ?? policy.maximumSessionsPerUser
        guard maximum >= 0 else { throw SessionError(.invalidInput, "a session limit can't be negative") }
        let count = try await store.enforceLimit(of: user, maximum: maximum, policy: policy)
        SessionMetrics.ended(.sessionLimit, count: count)
        return count
    }
}
