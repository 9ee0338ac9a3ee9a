import PostgresPipeline
import Secrets

extension PostgresSessionStore {
    // By idx_sessions_login_slot: there are never more started logins than places, whoever starts how many, and nothing is
    // counted. The one whose place is taken is the oldest. `revision` is of no use to a started login: it says whether
    // the place was taken from one that could still have been finished. A login that a crash loses is started again.
    static let beginStatement = PostgresStatement(
        """
        INSERT INTO sessions (
            id, kind, tenant_id, issuer, provider, state, nonce, code_verifier, login_context, seal_key_id,
            created_at, last_accessed_at, expires_at, login_slot
        )
        SELECT
            $1, 'login', $2, $3, $4, $5, $6, $7, $8, $9,
            moment, moment, moment + $10 * interval '1 microsecond', (nextval('session_login_slots') % $11)::INT
        FROM clock_timestamp() AS moment, \(UnflushedCommit.setting)
        ON CONFLICT (login_slot) WHERE login_slot IS NOT NULL DO UPDATE SET
            id = excluded.id, tenant_id = excluded.tenant_id, issuer = excluded.issuer, provider = excluded.provider,
            state = excluded.state, nonce = excluded.nonce, code_verifier = excluded.code_verifier,
            login_context = excluded.login_context, seal_key_id = excluded.seal_key_id,
            created_at = excluded.created_at, last_accessed_at = excluded.last_accessed_at,
            expires_at = excluded.expires_at,
            revision = CASE WHEN sessions.expires_at > excluded.created_at THEN 1 ELSE 0 END
        RETURNING created_at, expires_at, revision > 0
        """,
        parameters: [.text, .text, .text, .text, .text, .text, .text, .text, .text, .int8, .int8]
    )

    // By primary key. One statement finds, judges and takes: whoever comes second waits for the row's lock, and then
    // finds nothing.
    // The commit that has to last is the one that stores the session, and takes this one along. In a crash before that the
    // login may come back: nobody is signed in by it, and the provider takes its code once.
    static let claimStatement = PostgresStatement(
        """
        DELETE FROM sessions
        WHERE id = $1 AND kind = 'login' AND state = $2 AND expires_at > clock_timestamp()
            AND \(SessionRow.isInScope(3))
        RETURNING
            tenant_id, issuer, provider, nonce, code_verifier, login_context, created_at, expires_at,
            \(UnflushedCommit.setting)
        """,
        parameters: [.text, .text, .text]
    )

    /// See ``SessionStore/create(_:id:policy:)``.
    public func create(
        _ login: NewPendingLogin,
        id: PendingLoginID,
        policy: SessionPolicy
    ) async throws(SessionError) -> PendingLogin {
        var sealer = RowSealer(keyRing: keyRing, rowKey: id.rowKey)
        var context: [String: JSONValue] = [
            "redirectURI": .string(login.redirectURI), "returnTo": .string(login.returnTo),
        ]
        context["maxAge"] = login.maximumAuthenticationAge.map { .integer($0.components.seconds) }
        let values: [PostgresValue] = [
            .text(id.rowKey), .text(login.tenantID), .text(login.issuer), .text(login.provider),
            .text(StateDigest.of(login.state.reveal())), .text(try sealer.seal(login.nonce, column: .nonce)),
            .text(try sealer.seal(login.codeVerifier, column: .codeVerifier)),
            .text(try sealer.seal(Secret(JSONValue.object(context).serialized()), column: .loginContext)),
            .text(sealer.sealingKeyID), .duration(policy.loginLifetime),
            .int8(Int64(max(policy.maximumPendingLogins, 1))),
        ]
        try startsInFlight.begin()
        defer { startsInFlight.end() }
        let result = try await write(Self.beginStatement, values)
        do {
            guard let row = result.first else { throw SessionError(.failed, "a login wasn't inserted") }
            let (createdAt, expiresAt) = (try row.timestamp(0).date, try row.timestamp(1).date)
            if try row.bool(2) { SessionMetrics.loginDisplaced() }
            return PendingLogin(id: id, login: login, createdAt: createdAt, expiresAt: expiresAt)
        } catch let error as PostgresError {
            throw SessionError(error)
        } catch {
            throw (error as? SessionError) ?? SessionError(.failed, "a login wasn't inserted", underlying: error)
        }
    }

    /// See ``SessionStore/claim(_:state:policy:)``.
    ///
    /// A login whose values can't be opened is taken and answered as nil: starting again is all that helps.
    public func claim(
        _ id: PendingLoginID,
        state: String,
        policy: SessionPolicy
    ) async throws(SessionError) -> PendingLogin? {
        let result = try await write(
            Self.claimStatement,
            [.text(id.rowKey), .text(StateDigest.of(state)), .text(policy.tenantID)]
        )
        guard let row = result.first else { return nil }
        do {
            return try pendingLogin(row, id: id, state: state)
        } catch let error as PostgresError {
            throw SessionError(error)
        } catch {
            let error = (error as? SessionError) ?? SessionError(.corrupted, "a login can't be read", underlying: error)
            reportUnreadable(SessionHandle(rowKey: id.rowKey), error)
            return nil
        }
    }

    private func pendingLogin(_ row: PostgresRow, id: PendingLoginID, state: String) throws -> PendingLogin {
        var sealer = RowSealer(keyRing: keyRing, rowKey: id.rowKey)
        let context = try sealer.openValue(try row.text(5), column: .loginContext)
        guard case .object(let members)? = JSONReader.read(Array(context.reveal().utf8), limits: .own),
            let redirectURI = members["redirectURI"]?.stringValue, let returnTo = members["returnTo"]?.stringValue
        else { throw SessionError(.corrupted, "the context of a login can't be read") }
        let login = NewPendingLogin(
            state: Secret(state),
            nonce: try sealer.openValue(try row.text(3), column: .nonce),
            codeVerifier: try sealer.openValue(try row.text(4), column: .codeVerifier),
            issuer: try row.text(1),
            provider: try row.text(2),
            redirectURI: redirectURI,
            returnTo: returnTo,
            tenantID: try row.text(0),
            maximumAuthenticationAge: members["maxAge"]?.numberValue.map { .seconds(Int64($0)) }
        )
        return PendingLogin(
            id: id,
            login: login,
            createdAt: try row.timestamp(6).date,
            expiresAt: try row.timestamp(7).date
        )
    }
}
