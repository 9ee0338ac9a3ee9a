extension SessionManager {
    /// Counts the sessions, of one tenant or of all; reads the whole table.
    public func getSessionStats(tenantID: String? = nil) async throws(SessionError) -> SessionStatistics {
        try SessionAttributes.check(tenantID, name: "tenantID", maximumBytes: 255)
        return try await store.statistics(tenantID: tenantID, policy: policy)
    }

    /// Deletes sessions that haven't been used for so many days; returns how many.
    @discardableResult
    public func cleanInactiveSessions(
        days: Int,
        by requester: Requester? = nil
    ) async throws(SessionError) -> Int {
        guard (1...36_500).contains(days) else {
            throw SessionError(.invalidInput, "sessions are inactive after 1 to 36500 days")
        }
        var request = CleanupRequest()
        request.expired = false
        request.inactiveFor = .days(days)
        return try await cleaner.clean(request, by: requester).inactiveSessions
    }

    /// Runs the cleaner now, by default with everything that the policy asks for.
    ///
    /// When another replica is cleaning, nothing is done and ``CleanupReport/didRun`` is false.
    @discardableResult
    public func cleanUp(
        _ request: CleanupRequest? = nil,
        by requester: Requester? = nil
    ) async throws(SessionError) -> CleanupReport {
        try await cleaner.clean(request ?? CleanupRequest(policy: policy), by: requester)
    }

    /// What the cleaner of this process did last and does next.
    public var cleanupStatus: CleanupStatus { cleaner.status }
}
