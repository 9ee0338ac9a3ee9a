extension SessionManager {
    /// Counts the sessions, of one tenant or of all; reads the whole table.
    public func getSessionStats(tenantID: String? = nil) async throws(SessionError) -> SessionStatistics {
        try SessionAttributes.check(tenantID, name: "tenantID", maximumBytes: 255)
        return try await store.statistics(tenantID: tenantID, policy: policy)
    }
}
