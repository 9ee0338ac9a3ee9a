import PostgresPipeline
import Secrets

extension PostgresSessionStore {
    // By primary key.
    static let deleteStatement = PostgresStatement(
        """
        WITH gone AS (
            DELETE FROM sessions
            WHERE id = $1 AND \(SessionRow.isSession) AND \(SessionRow.isNotRevoked) AND \(SessionRow.isInScope(4))
            RETURNING
                id, tenant_id, issuer, provider, sub, access_token, refresh_token, id_token,
                \(SessionRow.isAliveByTime) AS was_alive
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
        SELECT id, was_alive, issuer, provider, sub, access_token, refresh_token, id_token
        FROM gone
        """,
        parameters: [.text, .int8, .int8, .text]
    )

    /// What ends a session and keeps its trace; the reason is the parameter of this number.
    static func revocation(reason: Int) -> String {
        """
        SET
            revoked_at = clock_timestamp(), revoked_reason = $\(reason), revision = revision + 1,
            access_token = NULL, refresh_token = NULL, id_token = NULL,
            nonce = NULL, state = NULL, code_verifier = NULL
        """
    }

    /// The reason is `$4`, who asked `$5`.
    private static let loggedRevocation = """
        logged AS (
            INSERT INTO audit_log (action, details)
            SELECT
                'REVOKE',
                jsonb_build_object(
                    'session', left(id, 32), 'reason', $4, 'tenantID', tenant_id, 'issuer', issuer, 'subject', sub
                ) || $5
            FROM gone
            WHERE sub IS NOT NULL
        )
        """

    // By primary key: a handle is the first half of it, and 'g' follows every hexadecimal digit.
    static let revokeStatement = PostgresStatement(
        """
        WITH gone AS (
            UPDATE sessions
            \(revocation(reason: 4))
            WHERE id >= $1 AND id < $1 || 'g' AND \(SessionRow.isAliveByID) AND \(SessionRow.isInScope(6))
            RETURNING id, tenant_id, issuer, sub
        ), \(loggedRevocation)
        SELECT count(*) FROM gone
        """,
        parameters: [.text, .int8, .int8, .text, .jsonb, .text]
    )

    // By idx_sessions_user.
    private static let revokeAllStatement = PostgresStatement(
        """
        WITH gone AS (
            UPDATE sessions
            \(revocation(reason: 4))
            WHERE \(SessionRow.isOfUser(tenant: 7, issuer: 8, subject: 9, scope: 6)) AND \(SessionRow.isAlive)
                AND id IS DISTINCT FROM $1
            RETURNING id, tenant_id, issuer, sub
        ), \(loggedRevocation)
        SELECT count(*) FROM gone
        """,
        parameters: [.text, .int8, .int8, .text, .jsonb, .text, .text, .text, .text]
    )

    /// See ``SessionStore/end(_:policy:)``.
    public func end(_ id: SessionID, policy: SessionPolicy) async throws(SessionError) -> EndedSession? {
        let values: [PostgresValue] = [
            .text(id.rowKey), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
            .text(policy.tenantID),
        ]
        let result = try await write(Self.deleteStatement, values, idempotent: true)
        guard let row = result.first else { return nil }
        do {
            return EndedSession(
                handle: id.handle,
                wasAlive: try row.bool(1),
                issuer: try row.text(2).nonEmpty,
                provider: try row.optionalText(3),
                subject: try row.optionalText(4),
                accessToken: opened(row.bytes(5), .accessToken, of: id.rowKey),
                refreshToken: opened(row.bytes(6), .refreshToken, of: id.rowKey),
                idToken: opened(row.bytes(7), .idToken, of: id.rowKey)
            )
        } catch {
            throw SessionError(error)
        }
    }

    /// A token of a session that is over; nil when it can't be opened, which matters no more.
    func opened(_ stored: [UInt8]?, _ column: SealedColumn, of rowKey: String) -> Secret<String>? {
        var sealer = RowSealer(keyRing: keyRing, rowKey: rowKey)
        return try? sealer.open(stored, column: column)
    }

    /// See ``SessionStore/revoke(_:reason:by:policy:)``.
    public func revoke(
        _ session: SessionHandle,
        reason: SessionEndReason,
        by requester: Requester?,
        policy: SessionPolicy
    ) async throws(SessionError) -> Bool {
        let result = try await write(
            Self.revokeStatement,
            [
                .text(session.rawValue), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
                .text(reason.rawValue), .details(requester.details), .text(policy.tenantID),
            ],
            idempotent: true
        )
        return try result.count() > 0
    }

    /// See ``SessionStore/revokeAll(of:except:reason:by:policy:)``.
    public func revokeAll(
        of user: UserKey,
        except: SessionID?,
        reason: SessionEndReason,
        by requester: Requester?,
        policy: SessionPolicy
    ) async throws(SessionError) -> Int {
        let revocation = BoundStatement(
            Self.revokeAllStatement,
            [
                .text(except?.rowKey), .duration(policy.idleLifetime), .duration(policy.absoluteLifetime),
                .text(reason.rawValue), .details(requester.details), .text(policy.tenantID),
                .text(user.tenantID), .text(user.issuer), .text(user.subject),
            ]
        )
        return try await transaction([Self.lock(user), revocation]).count()
    }
}

extension String {
    var nonEmpty: String? { isEmpty ? nil : self }
}
