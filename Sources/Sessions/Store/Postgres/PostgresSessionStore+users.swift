import PostgresPipeline

extension PostgresSessionStore {
    // No table: the advisory lock under which a user's sessions are counted and ended, until the transaction's end.
    private static let lockStatement = PostgresStatement(
        "SELECT pg_advisory_xact_lock(session_user_lock($1, $2, $3))",
        parameters: [.text, .text, .text]
    )

    // By idx_sessions_user.
    static let listStatement = PostgresStatement(
        """
        SELECT \(SessionRow.identityColumns), id
        FROM sessions
        WHERE tenant_id = $1 AND issuer = $4 AND coalesce(sub, '') = $5 AND \(SessionRow.isAlive)
        ORDER BY created_at DESC, id DESC
        LIMIT 1000
        """,
        parameters: [.text, .int8, .int8, .text, .text]
    )

    // By idx_sessions_user.
    private static let updateUserStatement = PostgresStatement(
        """
        UPDATE sessions
        SET
            profile = (profile || $6) - $7,
            roles = coalesce($8, roles),
            revision = revision + 1
        WHERE tenant_id = $1 AND issuer = $4 AND coalesce(sub, '') = $5 AND \(SessionRow.isAlive)
        """,
        parameters: [.text, .int8, .int8, .text, .text, .jsonb, .textArray, .jsonb]
    )

    // By idx_sessions_user, see migrations/13_session_functions.sql.
    private static let enforceLimitStatement = PostgresStatement(
        """
        SELECT session_enforce_limit(
            $1, $4, $5, $6, $2 * interval '1 microsecond', $3 * interval '1 microsecond'
        )
        """,
        parameters: [.text, .int8, .int8, .text, .text, .int4]
    )

    static func lock(_ user: UserKey) -> BoundStatement {
        BoundStatement(lockStatement, [.text(user.tenantID), .text(user.issuer), .text(user.subject)])
    }

    private static func key(_ user: UserKey, _ policy: SessionPolicy) -> [PostgresValue] {
        [
            .text(user.tenantID), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
            .text(user.issuer), .text(user.subject),
        ]
    }

    /// See ``SessionStore/sessions(of:policy:)``.
    public func sessions(of user: UserKey, policy: SessionPolicy) async throws(SessionError) -> [SessionSummary] {
        try await read(Self.listStatement, Self.key(user, policy)).summaries()
    }

    /// See ``SessionStore/updateUser(_:profile:roles:policy:)``.
    public func updateUser(
        _ user: UserKey,
        profile: [String: JSONValue?],
        roles: [String]?,
        policy: SessionPolicy
    ) async throws(SessionError) -> Int {
        let (members, removed) = Self.profileChange(profile)
        let roles = PostgresValue.jsonb(roles.map { JSONValue.array($0.map { .string($0) }).serialized() })
        let update = BoundStatement(Self.updateUserStatement, Self.key(user, policy) + [members, removed, roles])
        return try await transaction([Self.lock(user), update]).affectedRows
    }

    /// See ``SessionStore/enforceLimit(of:maximum:policy:)``.
    public func enforceLimit(
        of user: UserKey,
        maximum: Int,
        policy: SessionPolicy
    ) async throws(SessionError) -> Int {
        let values = Self.key(user, policy) + [.int4(Int32(clamping: maximum))]
        return try await write(Self.enforceLimitStatement, values, idempotent: true).count()
    }
}

extension PostgresResult {
    /// Rows of ``SessionRow/identityColumns`` and the row's key.
    func summaries() throws(SessionError) -> [SessionSummary] {
        do {
            return try decode { row in
                SessionSummary(
                    handle: SessionHandle(rowKey: try row.text(16)),
                    attributes: try SessionRow.attributes(row),
                    createdAt: try row.timestamp(11).date,
                    lastAccessedAt: try row.timestamp(12).date,
                    expiresAt: try row.timestamp(13).date,
                    revocation: nil
                )
            }
        } catch let error as PostgresError {
            throw SessionError(error)
        } catch {
            throw (error as? SessionError) ?? SessionError(.corrupted, "a row can't be read", underlying: error)
        }
    }
}
