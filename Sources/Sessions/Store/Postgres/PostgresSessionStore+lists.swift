import PostgresPipeline

extension PostgresSessionStore {
    private static let maximumPage = 1000

    // By idx_sessions_subject with a subject, by idx_sessions_tenant with a small tenant, else by
    // idx_sessions_created_at: in the order of the index, from the cursor on, until the page is full. Only rows of one
    // moment are sorted.
    static func pageStatement(_ criteria: SessionCriteria) -> PostgresStatement {
        PostgresStatement(
            """
            SELECT \(SummaryRow.columns)
            FROM sessions
            WHERE \(criteria.text) AND (created_at, id) < ($5, $1)
            ORDER BY created_at DESC, id DESC
            LIMIT $6
            """,
            parameters: criteria.parameters
        )
    }

    // By primary key: a handle is the first half of it, and 'g' follows every hexadecimal digit.
    static let summaryStatement = PostgresStatement(
        """
        SELECT \(SummaryRow.columns)
        FROM sessions
        WHERE id >= $1 AND id < $1 || 'g' AND \(SessionRow.isSession) AND \(SessionRow.isInScope(5))
        """,
        parameters: [.text, .int8, .int8, .int8, .text]
    )

    /// See ``SessionStore/sessions(matching:after:limit:policy:)``.
    public func sessions(
        matching filter: SessionFilter,
        after: SessionPage.Cursor?,
        limit: Int,
        policy: SessionPolicy
    ) async throws(SessionError) -> SessionPage {
        let limit = min(max(limit, 1), Self.maximumPage)
        let criteria = SessionCriteria(filter, policy: policy)
        let createdAt = after.map { PostgresTimestamp(microseconds: $0.createdAt) } ?? .infinity
        // One row more than asked for tells whether there is another page.
        let values = criteria.values(
            from: (after?.handle.rawValue ?? "", createdAt),
            limit: limit + 1,
            policy: policy
        )
        let statement = Self.pageStatement(criteria)
        // A user has few sessions. Everything else may have to pass over many rows that don't match; and a new connection
        // plans for the values at hand, where one that has seen the statement often plans for any.
        let result =
            filter.subject == nil ? try await longRead(statement, values) : try await read(statement, values)
        let sessions = Array(try SummaryRow.summaries(result).prefix(limit))
        guard result.rowCount > limit else { return SessionPage(sessions: sessions, next: nil) }
        return SessionPage(sessions: sessions, next: try SummaryRow.cursor(result[limit - 1]))
    }

    /// See ``SessionStore/summary(_:policy:)``.
    public func summary(
        _ session: SessionHandle,
        policy: SessionPolicy
    ) async throws(SessionError) -> SessionSummary? {
        let result = try await read(
            Self.summaryStatement,
            [
                .text(session.rawValue), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
                .duration(policy.inactivityTimeout), .text(policy.tenantID),
            ]
        )
        return try SummaryRow.summaries(result).first
    }
}
