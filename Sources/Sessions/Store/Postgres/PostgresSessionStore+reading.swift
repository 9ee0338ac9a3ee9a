import PostgresPipeline

extension PostgresSessionStore {
    // By primary key.
    static let readStatement = PostgresStatement(
        """
        SELECT \(SessionRow.allColumns)
        FROM sessions
        WHERE id = $1 AND \(SessionRow.isAliveByID) AND \(SessionRow.isInScope(4))
        """,
        parameters: [.text, .int8, .int8, .text]
    )

    // By primary key; the sealed values stay where they are.
    static let identityStatement = PostgresStatement(
        """
        SELECT \(SessionRow.identityColumns)
        FROM sessions
        WHERE id = $1 AND \(SessionRow.isAliveByID) AND \(SessionRow.isInScope(4))
        """,
        parameters: [.text, .int8, .int8, .text]
    )

    /// See ``SessionStore/session(_:detail:policy:)``.
    public func session(
        _ id: SessionID,
        detail: SessionDetail,
        policy: SessionPolicy
    ) async throws(SessionError) -> Session? {
        let result = try await read(
            detail == .full ? Self.readStatement : Self.identityStatement,
            [
                .text(id.rowKey), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
                .text(policy.tenantID),
            ]
        )
        return try opened(result, id: id, detail: detail)
    }

    /// The session in the only row of a result; nil when there is no row, or it can't be opened.
    func opened(_ result: PostgresResult, id: SessionID, detail: SessionDetail) throws(SessionError) -> Session? {
        guard let row = result.first else { return nil }
        do {
            return try SessionRow.session(row, id: id, detail: detail, keyRing: keyRing)
        } catch {
            guard error.code == .corrupted else { throw error }
            reportUnreadable(id.handle, error)
            return nil
        }
    }
}
