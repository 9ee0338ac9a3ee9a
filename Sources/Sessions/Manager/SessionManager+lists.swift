extension SessionManager {
    /// A page of the sessions that a filter names, in whatever state, the newest first.
    ///
    /// What is created or ended between two pages neither shifts nor repeats the others.
    /// - Parameters:
    ///   - filter: Which ones; an empty one names all.
    ///   - after: ``SessionPage/next`` of the page before.
    ///   - limit: 1 to 1000 sessions a page.
    /// - Throws: ``SessionError/Code/invalidInput`` for another limit or a criterion that can't be met.
    public func listSessions(
        _ filter: SessionFilter = SessionFilter(),
        after: SessionPage.Cursor? = nil,
        limit: Int = 100
    ) async throws(SessionError) -> SessionPage {
        guard (1...1000).contains(limit) else {
            throw SessionError(.invalidInput, "a page has 1 to 1000 sessions")
        }
        try filter.validate()
        return try await store.sessions(matching: filter, after: after, limit: limit, policy: policy)
    }

    /// A page of all sessions that aren't revoked, of one tenant or of all, the newest first.
    ///
    /// - Parameters:
    ///   - tenantID: nil for all tenants.
    ///   - after: ``SessionPage/next`` of the page before.
    ///   - limit: 1 to 1000 sessions a page.
    public func getAllSessions(
        tenantID: String? = nil,
        after: SessionPage.Cursor? = nil,
        limit: Int = 100
    ) async throws(SessionError) -> SessionPage {
        var filter = SessionFilter()
        filter.tenantID = tenantID
        filter.states = [.active, .expired, .inactive]
        return try await listSessions(filter, after: after, limit: limit)
    }

    /// A session by its public name, in whatever state, revoked too; nil when there is no row of it.
    public func session(_ handle: SessionHandle) async throws(SessionError) -> SessionSummary? {
        try await store.summary(handle, policy: policy)
    }
}
