import Foundation

extension SessionManager {
    /// Creates a session under a fresh id.
    ///
    /// Anonymous without a subject; with one, like ``completeLogin(_:replacing:)`` of a browser that had no session.
    public func createSession(_ attributes: SessionAttributes) async throws(SessionError) -> Session {
        try await create(NewSession(attributes: attributes), replacing: nil)
    }

    /// The session, if it is alive.
    ///
    /// - Parameters:
    ///   - id: What the browser presented.
    ///   - detail: ``SessionDetail/identity`` leaves the tokens where they are, which is cheaper.
    ///   - touch: Whether this counts as a use; the write follows within a second, at most once per update age.
    /// - Returns: nil when it is missing, expired, revoked, or its values can't be opened.
    public func getSession(
        _ id: SessionID,
        detail: SessionDetail = .full,
        touch: Bool = true
    ) async throws(SessionError) -> Session? {
        let session = try await store.session(id, detail: detail, policy: policy)
        if touch, let session, session.isDueForTouch(policy) {
            touchWriter.add(id)
        }
        return session
    }

    /// Changes a live session; what `update` doesn't mention stays.
    ///
    /// Attaching a subject to an anonymous session is a login: the session goes on under a **new id**, which is in the
    /// answer, the old id is dead, and what the login needed (nonce, state, verifier) is dropped unless set anew.
    /// - Returns: nil when it isn't alive; it is never revived.
    /// - Throws: ``SessionError/Code/invalidInput`` when the session already belongs to somebody else.
    public func updateSession(
        _ id: SessionID,
        _ update: SessionUpdate
    ) async throws(SessionError) -> Session? {
        let update = try update.validated()
        guard let subject = update.subject else {
            return try await store.update(id, update, policy: policy)
        }
        // Each turn that ends nil lost a race with another update; three in a row don't happen by accident.
        for _ in 0..<3 {
            guard let current = try await store.session(id, detail: .full, policy: policy) else { return nil }
            if let existing = current.subject {
                guard existing == subject, update.issuer == nil || update.issuer == current.issuer else {
                    throw SessionError(.invalidInput, "the session belongs to another subject")
                }
                return try await store.update(id, update, policy: policy)
            }
            let new = NewSession(attributes: current.attributes.signedIn(by: update, subject: subject))
            let previous = ReplacedSession(id: id, requiredRevision: current.revision)
            if let session = try await createIfStillPossible(new, replacing: previous) {
                return session
            }
        }
        throw SessionError(.busy, "the session is being changed by others")
    }

    /// Ends a session, at logout: its row is deleted, and nothing brings it back.
    ///
    /// - Returns: false when there was none, or it had been revoked before.
    @discardableResult
    public func deleteSession(_ id: SessionID) async throws(SessionError) -> Bool {
        try await endSession(id) != nil
    }

    /// The same, for whoever has to do something about what the session leaves behind, its tokens as they were at that
    /// moment; nil when there was none.
    public func endSession(_ id: SessionID) async throws(SessionError) -> EndedSession? {
        touchWriter.forget(id)
        let ended = try await store.end(id, policy: policy)
        if ended != nil { SessionMetrics.ended(.logout, count: 1) }
        return ended
    }
}

extension Session {
    /// Whether its last use was written long enough ago, by the store's clock.
    func isDueForTouch(_ policy: SessionPolicy) -> Bool {
        readAt.timeIntervalSince(lastAccessedAt) >= policy.updateAge.inSeconds
    }
}
