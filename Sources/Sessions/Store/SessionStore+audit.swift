extension SessionStore {
    /// Writes a row of the audit trail though the task is cancelled: what was done was done, and by whom is not to be
    /// lost because nobody waits any more.
    func auditInAnyCase(_ action: AuditAction, details: [String: JSONValue]) async throws(SessionError) {
        try await inAnyCase { () async throws(SessionError) in try await audit(action, details: details) }
    }
}
