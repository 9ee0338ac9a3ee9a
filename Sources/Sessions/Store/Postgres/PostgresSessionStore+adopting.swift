import Foundation
import PostgresPipeline

extension PostgresSessionStore {
    // One element for each session. What began in the future by the other system's clock began now.
    private static let candidates = """
        candidates AS (
            SELECT DISTINCT ON (c.id) c.*, least(coalesce(c.given_created_at, moment), moment) AS created_at
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS c (
                id, issuer, provider, sub, access_token, refresh_token, id_token, token_expires_at,
                user_agent, ip_address, device_label, given_created_at, expires_at
            )
            CROSS JOIN clock_timestamp() AS moment
        ), alive AS (
            SELECT *
            FROM candidates
            WHERE session_is_alive(
                expires_at, clock_timestamp(), created_at,
                $14 * interval '1 microsecond', $15 * interval '1 microsecond'
            )
        )
        """

    private static let parameters: [PostgresType] =
        [
            .textArray, .textArray, .textArray, .textArray, .textArray, .textArray, .textArray, .timestamptzArray,
            .textArray, .textArray, .textArray, .timestamptzArray, .timestamptzArray, .int8, .int8,
        ]

    // The audit row remembers that a session was taken over: its primary key is the session's handle, so that of any
    // number of imports, at once or months later, one inserts it, and a session that has ended since isn't brought back.
    //
    // A refresh token is the user's, and a provider that rotates them ends everything when a spent one comes: who has one
    // here, or a revoked session, gets no second copy with a later import. Nor does who was given one before, whatever has
    // become of that session: a second audit row remembers it, whose primary key is the user's digest. Sessions without
    // one (the source gives it to one of a user's) don't count.
    // By the primary keys of both tables, and idx_sessions_subject.
    private static let adoptStatement = PostgresStatement(
        """
        WITH \(candidates), logged AS (
            INSERT INTO audit_log (id, action, details)
            SELECT
                left(id, 32)::uuid, 'IMPORT',
                jsonb_build_object(
                    'session', left(id, 32), 'tenantID', $16, 'issuer', issuer, 'subject', sub, 'source', $17
                )
            FROM alive
            WHERE NOT EXISTS (SELECT FROM sessions AS s WHERE s.id = alive.id)
            ON CONFLICT (id) DO NOTHING
            RETURNING id
        ), given AS (
            INSERT INTO audit_log (id, action, details)
            SELECT
                left(
                    encode(sha256(convert_to(jsonb_build_array('refresh token', a.issuer, a.sub)::text, 'UTF8')), 'hex'),
                    32
                )::uuid,
                'IMPORT_TOKEN',
                jsonb_build_object(
                    'session', left(a.id, 32), 'tenantID', $16, 'issuer', a.issuer, 'subject', a.sub, 'source', $17
                )
            FROM alive AS a
            JOIN logged AS l ON l.id = left(a.id, 32)::uuid
            WHERE a.refresh_token IS NOT NULL AND NOT EXISTS (
                SELECT FROM sessions AS s
                WHERE s.kind = 'session' AND s.sub = a.sub AND s.issuer = a.issuer
                    AND (s.refresh_token IS NOT NULL OR s.revoked_at IS NOT NULL)
            )
            ON CONFLICT (id) DO NOTHING
            RETURNING details ->> 'session' AS handle
        ), adopted AS (
            INSERT INTO sessions (
                id, kind, tenant_id, issuer, provider, sub, access_token, refresh_token, id_token, token_expires_at,
                user_agent, ip_address, device_label, seal_key_id, created_at, last_accessed_at, expires_at
            )
            SELECT
                a.id, 'session', $16, a.issuer, a.provider, a.sub, a.access_token,
                CASE WHEN g.handle IS NOT NULL THEN a.refresh_token END,
                a.id_token, a.token_expires_at, a.user_agent, a.ip_address, a.device_label, $18, a.created_at, clock_timestamp(),
                a.expires_at
            FROM alive AS a
            JOIN logged AS l ON l.id = left(a.id, 32)::uuid
            LEFT JOIN given AS g ON g.handle = left(a.id, 32)
            ON CONFLICT (id) DO NOTHING
            RETURNING id
        )
        SELECT (SELECT count(*) FROM candidates), (SELECT count(*) FROM alive), (SELECT count(*) FROM adopted)
        """,
        parameters: parameters + [.text, .text, .text]
    )

    // The same counts. By the primary keys of both tables.
    private static let adoptableStatement = PostgresStatement(
        """
        WITH \(candidates)
        SELECT
            (SELECT count(*) FROM candidates),
            count(*),
            count(*) FILTER (
                WHERE NOT EXISTS (SELECT FROM sessions AS s WHERE s.id = alive.id)
                    AND NOT EXISTS (SELECT FROM audit_log AS l WHERE l.id = left(alive.id, 32)::uuid)
            )
        FROM alive
        """,
        parameters: parameters
    )

    /// Takes over live sessions of another system, each at most once, all of a batch or none.
    ///
    /// They begin a new idle period: other systems write the last use more rarely than ours. The limit of a user isn't
    /// held here.
    /// - Parameters:
    ///   - sessions: A batch of hundreds, of one tenant, checked by ``SessionAttributes/validatedForAdoption()``.
    ///   - source: What the audit row calls the place where they come from.
    ///   - isDryRun: Counts and changes nothing.
    /// - Throws: what a write throws; after ``SessionError/Code/outcomeUnknown`` the same batch may be given again.
    package func adopt(
        _ sessions: [AdoptedSession],
        tenantID: String,
        source: String,
        policy: SessionPolicy,
        isDryRun: Bool
    ) async throws(SessionError) -> AdoptionReport {
        guard !sessions.isEmpty else { return AdoptionReport() }
        let keyRing = keyRing
        let lifetimes: [PostgresValue] = [.duration(policy.idleLifetime), .duration(policy.absoluteLifetime)]
        let result =
            isDryRun
            ? try await read(Self.adoptableStatement, try columns(of: sessions, sealedWith: nil) + lifetimes)
            : try await write(
                Self.adoptStatement,
                try columns(of: sessions, sealedWith: keyRing) + lifetimes
                    + [.text(tenantID), .text(source), .text(keyRing.sealingKeyID)],
                idempotent: true
            )
        guard let row = result.first else { throw SessionError(.failed, "an import answered nothing") }
        do {
            let (candidates, alive, adopted) = (Int(try row.int8(0)), Int(try row.int8(1)), Int(try row.int8(2)))
            // The same id twice in a batch was one candidate.
            let known = sessions.count - candidates + alive - adopted
            return AdoptionReport(adopted: adopted, known: known, ended: candidates - alive)
        } catch {
            throw SessionError(error)
        }
    }

    /// One array for each column; a dry run needs no sealed values.
    private func columns(
        of sessions: [AdoptedSession],
        sealedWith keyRing: KeyRing?
    ) throws(SessionError) -> [PostgresValue] {
        var tokens: [SealedColumn: [String?]] = [:]
        for session in sessions {
            var sealer = keyRing.map { RowSealer(keyRing: $0, rowKey: session.id.rowKey) }
            let attributes = session.attributes
            for (column, value) in [
                (SealedColumn.accessToken, attributes.accessToken), (.refreshToken, attributes.refreshToken),
                (.idToken, attributes.idToken),
            ] {
                tokens[column, default: []].append(try sealer?.seal(value, column: column))
            }
        }
        func text(_ value: (SessionAttributes) -> String?) -> PostgresValue {
            .textArray(sessions.map { value($0.attributes) })
        }
        func time(_ value: (AdoptedSession) -> Date?) -> PostgresValue {
            .timestampArray(sessions.map { session in value(session).map { PostgresTimestamp($0) } })
        }
        return [
            .textArray(sessions.map(\.id.rowKey)), text { $0.issuer ?? "" }, text(\.provider), text(\.subject),
            .textArray(tokens[.accessToken]), .textArray(tokens[.refreshToken]), .textArray(tokens[.idToken]),
            time(\.attributes.accessTokenExpiresAt), text(\.userAgent), text(\.ipAddress), text(\.deviceLabel),
            time(\.createdAt), time(\.expiresAt),
        ]
    }
}

extension SessionAttributes {
    /// Attributes as they are stored, checked like those of a new session.
    ///
    /// - Throws: ``SessionError/Code/tooLarge`` or ``SessionError/Code/invalidInput``; the message names the attribute.
    package func validatedForAdoption() throws(SessionError) -> SessionAttributes {
        try validate()
        var result = self
        result.userAgent = userAgent.map(Self.stored(userAgent:))
        return result
    }
}
