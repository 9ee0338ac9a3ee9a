import Foundation
import PostgresPipeline

/// The columns of a session in the order in which every statement that answers sessions has them.
enum SessionRow {
    /// Needs the idle lifetime as `$2` and the absolute lifetime as `$3`, in microseconds.
    static let identityColumns = """
        tenant_id, issuer, provider, provider_sid, sub, token_expires_at, user_agent, ip_address, device_label,
        profile, roles, created_at, last_accessed_at,
        least(
            expires_at,
            last_accessed_at + $2 * interval '1 microsecond',
            created_at + $3 * interval '1 microsecond'
        ),
        clock_timestamp(), revision
        """

    /// The columns above, and the sealed ones after them.
    static let allColumns =
        identityColumns
            + """
            , seal_key_id, nonce, state, code_verifier, access_token, refresh_token, id_token
            """

    /// A session that is alive, by the database's clock, where a partial index leads to it; the same parameters.
    static let isAlive = """
        kind = 'session' AND revoked_at IS NULL AND \(isAliveByTime)
        """

    /// The same where its id leads to it.
    static let isAliveByID = """
        \(isSession) AND \(isNotRevoked) AND \(isAliveByTime)
        """

    /// Whether none of the lifetimes is over; says nothing about revocation.
    static let isAliveByTime = """
        session_is_alive(
            expires_at, last_accessed_at, created_at, $2 * interval '1 microsecond', $3 * interval '1 microsecond'
        )
        """

    // In words that no partial index has. In a table that is small, or was when it was analyzed last, going through the
    // whole of such an index looks no dearer than the primary key, and the server keeps that plan while the table grows.

    /// `kind = 'session'`, where an id leads to the row.
    static let isSession = "kind <> 'login'"

    /// `revoked_at IS NULL`, where an id leads to the row.
    static let isNotRevoked = "num_nonnulls(revoked_at) = 0"

    /// A row of a user, by idx_sessions_user, if the policy's tenant is the user's; these parameters.
    ///
    /// The tenant isn't a constant: that would show that idx_sessions_tenant has the rows as well, which looks no dearer
    /// in a table that was never analyzed, and is gone through from end to end.
    static func isOfUser(tenant: Int, issuer: Int, subject: Int, scope: Int) -> String {
        """
        tenant_id = (SELECT $\(tenant)) AND issuer = $\(issuer) AND coalesce(sub, '') = $\(subject)
            AND ($\(scope)::TEXT IS NULL OR $\(tenant) = $\(scope))
        """
    }

    /// A row of the policy's tenant, which is this parameter; NULL for all tenants.
    static func isInScope(_ parameter: Int) -> String {
        "($\(parameter)::TEXT IS NULL OR tenant_id = $\(parameter))"
    }

    private static let sealedColumns: [(column: SealedColumn, index: Int)] = [
        (.nonce, 17), (.state, 18), (.codeVerifier, 19), (.accessToken, 20), (.refreshToken, 21), (.idToken, 22),
    ]

    /// A row of ``allColumns`` or, for an identity, of ``identityColumns``.
    static func session(
        _ row: PostgresRow,
        id: SessionID,
        detail: SessionDetail,
        keyRing: KeyRing
    ) throws(SessionError) -> Session {
        do {
            var attributes = try attributes(row)
            if detail == .full {
                var sealer = RowSealer(keyRing: keyRing, rowKey: id.rowKey)
                attributes.nonce = try sealer.open(row.bytes(17), column: .nonce)
                attributes.state = try sealer.open(row.bytes(18), column: .state)
                attributes.codeVerifier = try sealer.open(row.bytes(19), column: .codeVerifier)
                attributes.accessToken = try sealer.open(row.bytes(20), column: .accessToken)
                attributes.refreshToken = try sealer.open(row.bytes(21), column: .refreshToken)
                attributes.idToken = try sealer.open(row.bytes(22), column: .idToken)
            }
            return Session(
                id: id,
                attributes: attributes,
                detail: detail,
                createdAt: try row.timestamp(11).date,
                lastAccessedAt: try row.timestamp(12).date,
                expiresAt: try row.timestamp(13).date,
                readAt: try row.timestamp(14).date,
                revision: try row.int8(15)
            )
        } catch let error as PostgresError {
            throw SessionError(error)
        } catch let error as SessionError {
            throw error
        } catch {
            throw SessionError(.corrupted, "a row can't be read", underlying: error)
        }
    }

    /// Whether the row has values that aren't sealed with the key that seals now.
    static func isDueForSealing(_ row: PostgresRow, keyRing: KeyRing) throws(PostgresError) -> Bool {
        guard try row.optionalText(16) != keyRing.sealingKeyID else { return false }
        return sealedColumns.contains { !row.isNull($0.index) }
    }

    /// The attributes but the sealed ones.
    static func attributes(_ row: PostgresRow) throws -> SessionAttributes {
        var attributes = SessionAttributes(tenantID: try row.text(0))
        let issuer = try row.text(1)
        attributes.issuer = issuer.isEmpty ? nil : issuer
        attributes.provider = try row.optionalText(2)
        attributes.providerSessionID = try row.optionalText(3)
        attributes.subject = try row.optionalText(4)
        attributes.accessTokenExpiresAt = try row.optionalTimestamp(5)?.date
        attributes.userAgent = try row.optionalText(6)
        attributes.ipAddress = try row.optionalText(7)
        attributes.deviceLabel = try row.optionalText(8)
        attributes.profile = try json(row, 9).objectValue ?? [:]
        attributes.roles = (try json(row, 10).arrayValue ?? []).compactMap(\.stringValue)
        return attributes
    }

    private static func json(_ row: PostgresRow, _ column: Int) throws -> JSONValue {
        // The bytes are a version, 1, and then the text (PostgreSQL source, jsonb_send).
        guard let bytes = row.bytes(column), bytes.first == 1,
            let value = JSONReader.read(Array(bytes.dropFirst()), limits: .own)
        else { throw SessionError(.corrupted, "column \(column) of a session is no JSON") }
        return value
    }
}
