extension SessionManager {
    func create(_ new: NewSession, replacing: ReplacedSession?) async throws(SessionError) -> Session {
        guard let session = try await createIfStillPossible(new, replacing: replacing) else {
            throw SessionError(.failed, "the store refused to create a session")
        }
        return session
    }

    /// Creates a session, and finds out what happened when the answer to the write is lost.
    ///
    /// The id was chosen beforehand: if a read finds it, the write happened; if not, it is tried once more under the
    /// same id, so that there are never two sessions and never an id without one.
    func createIfStillPossible(
        _ new: NewSession,
        replacing: ReplacedSession?
    ) async throws(SessionError) -> Session? {
        var new = new
        new.attributes.tenantID = try policy.scoped(new.attributes.tenantID)
        try new.attributes.validate()
        new.attributes.userAgent = new.attributes.userAgent.map(SessionAttributes.stored(userAgent:))
        var isSecondAttempt = false
        while true {
            do {
                let session = try await store.create(new, replacing: replacing, policy: policy)
                if session != nil {
                    SessionMetrics.created(signedIn: new.attributes.subject != nil)
                }
                return session
            } catch {
                // The first attempt may have been waiting in the database, and gone through when the second one came: that
                // one then finds the id taken.
                guard isSecondAttempt || error.code == .outcomeUnknown || error.code == .timeout else { throw error }
                if let session = try await store.session(new.id, detail: .full, policy: policy) {
                    SessionMetrics.created(signedIn: new.attributes.subject != nil)
                    return session
                }
                guard !isSecondAttempt else { throw error }
                isSecondAttempt = true
            }
        }
    }
}
