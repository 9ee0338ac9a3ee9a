extension SessionManager {
    /// A page of all sessions that aren't revoked, of one tenant or of all.
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
        guard (1...1000).contains(limit) else {
            throw SessionError(.invalidInput, "a page has 1 to 1000 sessions")
        }
        try SessionAttributes.check(tenantID, name: "tenantID", maximumBytes: 255)
        return try await store.sessions(tenantID: tenantID, after: after, limit: limit, policy: policy)
    }

    /// Counts the sessions; reads the whole table.
    public func getSessionStats() async throws(SessionError) -> SessionStatistics {
        try await store.statistics(policy: policy)
    }

    /// Deletes sessions that haven't been used for so many days; returns how many.
    @discardableResult
    public func cleanInactiveSessions(days: Int) async throws(SessionError) -> Int {
        guard (1...36_500).contains(days) else {
            throw SessionError(.invalidInput, "sessions are inactive after 1 to 36500 days")
        }
        var request = CleanupRequest()
        request.expired = false
        request.inactiveFor = .days(days)
        return try await cleaner.clean(request).inactiveSessions
    }

    /// Runs the cleaner now, by default with everything that the policy asks for.
    ///
    /// When another replica is cleaning, nothing is done and ``CleanupReport/didRun`` is false.
    @discardableResult
    public func cleanUp(_ request: CleanupRequest? = nil) async throws(SessionError) -> CleanupReport {
        try await cleaner.clean(request ?? CleanupRequest(policy: policy))
    }

    /// What the cleaner of this process did last and does next.
    public var cleanupStatus: CleanupStatus { cleaner.status }
}
