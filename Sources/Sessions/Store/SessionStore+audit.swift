extension SessionStore {
    /// Writes a row of the audit trail though the task is cancelled: what was done was done, and by whom is not to be
    /// lost because nobody waits any more.
    func auditInAnyCase(_ action: AuditAction, details: [String: JSONValue]) async throws(SessionError) {
        let outcome = await Task { () async -> Result<Void, SessionError> in
            do throws(SessionError) {
                return .success(try await audit(action, details: details))
            } catch {
                return .failure(error)
            }
        }.value
        try outcome.get()
    }
}
