import PostgresPipeline

extension PostgresSessionStore {
    // No table: the advisory lock under which a user's sessions are counted and ended, until the transaction's end.
    private static let lockStatement = PostgresStatement(
        "SELECT pg_advisory_xact_lock(session_user_lock($1, $2, $3))",
        parameters: [.text, .text, .text]
    )

    private static let isOfUser = SessionRow.isOfUser(tenant: 1, issuer: 5, subject: 6, scope: 7)

    // By idx_sessions_user.
    static let listStatement = PostgresStatement(
        """
        SELECT \(SummaryRow.columns)
        FROM sessions
        WHERE \(isOfUser) AND \(SessionRow.isAlive)
        ORDER BY created_at DESC, id DESC
        LIMIT 1000
        """,
        parameters: [.text, .int8, .int8, .int8, .text, .text, .text]
    )

    // By idx_sessions_user.
    private static let updateUserStatement = PostgresStatement(
        """
        WITH changed AS (
            UPDATE sessions
            SET
                profile = (profile || $8) - $9,
                roles = coalesce($10, roles),
                revision = revision + 1
            WHERE \(isOfUser) AND \(SessionRow.isAlive)
            RETURNING id
        ), logged AS (
            INSERT INTO audit_log (action, details)
            SELECT
                'USER_UPDATED',
                jsonb_build_object('tenantID', $1, 'issuer', $5, 'subject', $6, 'sessions', count(*)) || $11
            FROM changed
            HAVING count(*) > 0
        )
        SELECT count(*) FROM changed
        """,
        parameters: [
            .text, .int8, .int8, .int8, .text, .text, .text, .jsonb, .textArray, .jsonb, .jsonb,
        ]
    )

    // By idx_sessions_user, see migrations/14_session_lifecycle.sql and 19.
    private static let enforceLimitStatement = PostgresStatement(
        """
        SELECT session_enforce_limit(
            $1, $5, $6, $8, $2 * interval '1 microsecond', $3 * interval '1 microsecond', $9
        )
        WHERE $7::TEXT IS NULL OR $1 = $7
        """,
        parameters: [.text, .int8, .int8, .int8, .text, .text, .text, .int4, .jsonb]
    )

    static func lock(_ user: UserKey) -> BoundStatement {
        BoundStatement(lockStatement, [.text(user.tenantID), .text(user.issuer), .text(user.subject)])
    }

    private static func key(_ user: UserKey, _ policy: SessionPolicy) -> [PostgresValue] {
        [
            .text(user.tenantID), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
            .duration(policy.inactivityTimeout), .text(user.issuer), .text(user.subject), .text(policy.tenantID),
        ]
    }

    /// See ``SessionStore/sessions(of:policy:)``.
    public func sessions(of user: UserKey, policy: SessionPolicy) async throws(SessionError) -> [SessionSummary] {
        try SummaryRow.summaries(try await read(Self.listStatement, Self.key(user, policy)))
    }

    /// See ``SessionStore/updateUser(_:profile:roles:by:policy:)``.
    public func updateUser(
        _ user: UserKey,
        profile: [String: JSONValue?],
        roles: [String]?,
        by requester: Requester?,
        policy: SessionPolicy
    ) async throws(SessionError) -> Int {
        let (members, removed) = Self.profileChange(profile)
        let newRoles = PostgresValue.jsonb(roles.map { JSONValue.array($0.map { .string($0) }).serialized() })
        let details = PostgresValue.details(requester.details(of: profile, roles))
        let update = BoundStatement(
            Self.updateUserStatement,
            Self.key(user, policy) + [members, removed, newRoles, details]
        )
        return try await transaction([Self.lock(user), update]).count()
    }

    /// See ``SessionStore/enforceLimit(of:maximum:by:policy:)``.
    public func enforceLimit(
        of user: UserKey,
        maximum: Int,
        by requester: Requester?,
        policy: SessionPolicy
    ) async throws(SessionError) -> Int {
        let values = Self.key(user, policy) + [.int4(Int32(clamping: maximum)), .details(requester.details)]
        return try await write(Self.enforceLimitStatement, values, idempotent: true).count()
    }
}
