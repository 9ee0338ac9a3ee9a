import PostgresPipeline

extension PostgresSessionStore {
    // By primary key.
    static let deleteStatement = PostgresStatement(
        """
        WITH gone AS (
            DELETE FROM sessions
            WHERE id = $1 AND kind = 'session' AND revoked_at IS NULL
            RETURNING id, tenant_id, issuer, sub
        ), logged AS (
            INSERT INTO audit_log (action, details)
            SELECT
                'LOGOUT',
                jsonb_build_object(
                    'session', left(id, 32), 'tenantID', tenant_id, 'issuer', issuer, 'subject', sub
                )
            FROM gone
            WHERE sub IS NOT NULL
        )
        SELECT count(*) FROM gone
        """,
        parameters: [.text]
    )

    private static let revocation = """
        SET
            revoked_at = clock_timestamp(), revoked_reason = $4, revision = revision + 1,
            access_token = NULL, refresh_token = NULL, id_token = NULL,
            nonce = NULL, state = NULL, code_verifier = NULL
        """

    private static let loggedRevocation = """
        logged AS (
            INSERT INTO audit_log (action, details)
            SELECT
                'REVOKE',
                jsonb_build_object(
                    'session', left(id, 32), 'reason', $4, 'tenantID', tenant_id, 'issuer', issuer, 'subject', sub
                )
            FROM gone
            WHERE sub IS NOT NULL
        )
        """

    // By primary key: a handle is the first half of it, and 'g' follows every hexadecimal digit.
    static let revokeStatement = PostgresStatement(
        """
        WITH gone AS (
            UPDATE sessions
            \(revocation)
            WHERE id >= $1 AND id < $1 || 'g' AND \(SessionRow.isAlive)
            RETURNING id, tenant_id, issuer, sub
        ), \(loggedRevocation)
        SELECT count(*) FROM gone
        """,
        parameters: [.text, .int8, .int8, .text]
    )

    // By idx_sessions_user.
    private static let revokeAllStatement = PostgresStatement(
        """
        WITH gone AS (
            UPDATE sessions
            \(revocation)
            WHERE tenant_id = $5 AND issuer = $6 AND coalesce(sub, '') = $7 AND id IS DISTINCT FROM $1
                AND \(SessionRow.isAlive)
            RETURNING id, tenant_id, issuer, sub
        ), \(loggedRevocation)
        SELECT count(*) FROM gone
        """,
        parameters: [.text, .int8, .int8, .text, .text, .text, .text]
    )

    /// See ``SessionStore/delete(_:)``.
    public func delete(_ id: SessionID) async throws(SessionError) -> Bool {
        try await write(Self.deleteStatement, [.text(id.rowKey)], idempotent: true).count() > 0
    }

    /// See ``SessionStore/revoke(_:reason:policy:)``.
    public func revoke(
        _ session: SessionHandle,
        reason: SessionEndReason,
        policy: SessionPolicy
    ) async throws(SessionError) -> Bool {
        let result = try await write(
            Self.revokeStatement,
            [
                .text(session.rawValue), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
                .text(reason.rawValue),
            ],
            idempotent: true
        )
        return try result.count() > 0
    }

    /// See ``SessionStore/revokeAll(of:except:reason:policy:)``.
    public func revokeAll(
        of user: UserKey,
        except: SessionID?,
        reason: SessionEndReason,
        policy: SessionPolicy
    ) async throws(SessionError) -> Int {
        let revocation = BoundStatement(
            Self.revokeAllStatement,
            [
                .text(except?.rowKey), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
                .text(reason.rawValue), .text(user.tenantID), .text(user.issuer), .text(user.subject),
            ]
        )
        return try await transaction([Self.lock(user), revocation]).count()
    }
}
