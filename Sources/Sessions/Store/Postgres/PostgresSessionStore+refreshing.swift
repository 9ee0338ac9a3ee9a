import Foundation
import PostgresPipeline
public import Secrets

extension PostgresSessionStore {
    // $4: the margin in microseconds, or null; $5: the moment that the tokens must be younger than, or null.
    private static let isStale = """
        CASE
            WHEN $4 IS NULL THEN coalesce(refreshed_at, created_at) < $5
            WHEN access_token IS NULL THEN true
            WHEN refreshed_at > clock_timestamp() - interval '\(RefreshLeaseRequest.leastPause.components.seconds) seconds'
                THEN false
            ELSE coalesce(
                token_expires_at <= clock_timestamp() + greatest(
                    least(
                        $4 * interval '1 microsecond',
                        (token_expires_at - coalesce(refreshed_at, created_at)) / 2
                    ),
                    interval '0'
                ),
                false
            )
        END
        """

    private static let isTokenOver =
        "(access_token IS NULL OR coalesce(token_expires_at <= clock_timestamp(), true))"

    // The lease was taken over, which its retry time tells, and the second holder isn't heard of either.
    private static let isLost = """
        (
            coalesce(refresh_retry_at = 'infinity', false) AND coalesce(refresh_lease_until <= clock_timestamp(), true)
            AND \(isTokenOver)
        )
        """

    // By primary key. Whoever waited for the row's lock judges the row as it is then: one of any number gets the lease.
    // Taking over an abandoned lease forbids the next attempt in advance, until this one has an end.
    private static let acquireStatement = PostgresStatement(
        """
        UPDATE sessions
        SET
            refresh_fence = refresh_fence + 1,
            refresh_retry_at = CASE WHEN refresh_lease_until IS NOT NULL THEN timestamptz 'infinity' END,
            refresh_lease_until = clock_timestamp() + $7 * interval '1 microsecond'
        WHERE id = $1 AND \(SessionRow.isAliveByID) AND \(SessionRow.isInScope(6)) AND refresh_token IS NOT NULL
            AND \(isStale)
            AND (
                refresh_lease_until IS NULL
                OR refresh_lease_until <= clock_timestamp() AND \(isTokenOver)
            )
            AND coalesce(refresh_retry_at <= clock_timestamp(), true)
        RETURNING
            \(SessionRow.allColumns), refresh_fence, refresh_failures::int8, coalesce(refresh_retry_at = 'infinity', false)
        """,
        parameters: [.text, .int8, .int8, .int8, .timestamptz, .text, .int8]
    )

    // By primary key: the same conditions, one by one.
    private static let refreshStateStatement = PostgresStatement(
        """
        SELECT
            \(SessionRow.allColumns), refresh_fence,
            CASE
                WHEN refresh_token IS NULL THEN 'none'
                WHEN NOT \(isStale) THEN 'fresh'
                WHEN refresh_lease_until > clock_timestamp() THEN 'held'
                WHEN \(isLost) THEN 'lost'
                WHEN refresh_retry_at < 'infinity' AND refresh_retry_at > clock_timestamp() THEN 'waiting'
                WHEN refresh_lease_until IS NOT NULL AND NOT \(isTokenOver) THEN 'abandoned'
                ELSE 'free'
            END,
            \(microsecondsUntil("refresh_lease_until")), \(microsecondsUntil("refresh_retry_at")),
            \(microsecondsUntil("token_expires_at"))
        FROM sessions
        WHERE id = $1 AND \(SessionRow.isAliveByID) AND \(SessionRow.isInScope(6))
        """,
        parameters: [.text, .int8, .int8, .int8, .timestamptz, .text]
    )

    private static func microsecondsUntil(_ column: String) -> String {
        "CASE WHEN isfinite(\(column)) THEN "
            + "ceil(extract(epoch FROM \(column) - clock_timestamp()) * 1000000)::int8 END"
    }

    // By primary key.
    private static let renewStatement = PostgresStatement(
        """
        WITH renewed AS (
            UPDATE sessions
            SET refresh_lease_until = clock_timestamp() + $5 * interval '1 microsecond'
            WHERE id = $1 AND \(SessionRow.isAliveByID) AND \(SessionRow.isInScope(6)) AND refresh_fence = $4
                AND refresh_lease_until IS NOT NULL
            RETURNING 1
        )
        SELECT count(*) FROM renewed
        """,
        parameters: [.text, .int8, .int8, .int8, .int8, .text]
    )

    // By primary key. Alive and the latest holder: logout and whoever took the lease over win.
    private static let completeStatement = PostgresStatement(
        """
        UPDATE sessions
        SET
            \(assignments),
            refreshed_at = clock_timestamp(), refresh_lease_until = NULL, refresh_retry_at = NULL,
            refresh_failures = 0
        WHERE id = $1 AND \(SessionRow.isAliveByID) AND \(SessionRow.isInScope(32)) AND refresh_fence = $33
        RETURNING \(SessionRow.allColumns)
        """,
        parameters: assignmentTypes + [.int8]
    )

    // By primary key.
    private static let releaseStatement = PostgresStatement(
        """
        WITH released AS (
            UPDATE sessions
            SET
                refresh_lease_until = NULL,
                refresh_retry_at = clock_timestamp() + $5 * interval '1 microsecond',
                refresh_failures = CASE WHEN $5 IS NULL THEN refresh_failures ELSE least(refresh_failures + 1, 1000) END,
                refresh_token = CASE WHEN $6 THEN $7 ELSE refresh_token END,
                seal_key_id = CASE WHEN $6 AND seal_key_id <> $8 THEN NULL ELSE seal_key_id END,
                revision = CASE WHEN $6 THEN revision + 1 ELSE revision END
            WHERE id = $1 AND \(SessionRow.isAliveByID) AND \(SessionRow.isInScope(9)) AND refresh_fence = $4
            RETURNING 1
        )
        SELECT count(*) FROM released
        """,
        parameters: [.text, .int8, .int8, .int8, .int8, .bool, .text, .text, .text]
    )

    // By primary key. A lease that was taken over has lost what the holder before had got. $7: whether whoever says that it
    // is lost has only looked; by now the holder may have come back, with the same fence.
    private static let revokeAfterRefreshStatement = PostgresStatement(
        """
        WITH gone AS (
            UPDATE sessions
            SET
                revoked_at = clock_timestamp(), revoked_reason = $4, revision = revision + 1,
                access_token = NULL, refresh_token = NULL, id_token = NULL,
                nonce = NULL, state = NULL, code_verifier = NULL
            WHERE id = $1 AND \(SessionRow.isAliveByID) AND \(SessionRow.isInScope(6)) AND refresh_fence = $5
                AND (NOT $7 OR \(isLost))
            RETURNING id, tenant_id, issuer, sub, coalesce(refresh_retry_at = 'infinity', false) AS is_lost
        ), logged AS (
            INSERT INTO audit_log (action, details)
            SELECT
                'REVOKE',
                jsonb_build_object(
                    'session', left(id, 32), 'reason', $4, 'tenantID', tenant_id, 'issuer', issuer, 'subject', sub,
                    'refreshLost', is_lost
                )
            FROM gone
        )
        SELECT count(*) FROM gone
        """,
        parameters: [.text, .int8, .int8, .text, .int8, .text, .bool]
    )

    /// See ``SessionStore/acquireRefreshLease(_:_:policy:)``.
    public func acquireRefreshLease(
        _ id: SessionID,
        _ request: RefreshLeaseRequest,
        policy: SessionPolicy
    ) async throws(SessionError) -> RefreshLeaseAnswer {
        let scope = [PostgresValue.text(policy.tenantID)]
        let values = [.text(id.rowKey)] + Self.lifetimes(policy) + Self.need(request.need) + scope
        // Reading first, because most who ask get no for an answer, and reads are cheaper than writes.
        let before = try refreshState(try await read(Self.refreshStateStatement, values), id: id)
        guard before == nil else { return before ?? .none }
        let taken = try await write(Self.acquireStatement, values + [.duration(request.duration)])
        if let row = taken.first {
            guard let session = try opened(taken, id: id, detail: .full) else { return .none }
            return .granted(try lease(row, session))
        }
        // Somebody was faster. Should they be done by now, and the tokens be stale again, the next turn tells.
        let after = try refreshState(try await read(Self.refreshStateStatement, values), id: id)
        if let after { return after }
        guard let session = try await session(id, detail: .full, policy: policy) else { return .none }
        return .waiting(session, remaining: .zero)
    }

    /// See ``SessionStore/renewRefreshLease(_:fence:duration:policy:)``.
    public func renewRefreshLease(
        _ id: SessionID,
        fence: Int64,
        duration: Duration,
        policy: SessionPolicy
    ) async throws(SessionError) -> Bool {
        let own: [PostgresValue] = [.int8(fence), .duration(duration), .text(policy.tenantID)]
        let values = [PostgresValue.text(id.rowKey)] + Self.lifetimes(policy) + own
        return try await write(Self.renewStatement, values, idempotent: true).count() > 0
    }

    /// See ``SessionStore/completeRefresh(_:fence:_:policy:)``.
    public func completeRefresh(
        _ id: SessionID,
        fence: Int64,
        _ update: SessionUpdate,
        policy: SessionPolicy
    ) async throws(SessionError) -> Session? {
        let values = try assignedValues(id, update, policy: policy) + [.int8(fence)]
        // The same result under the same fence is the same twice.
        let result = try await write(Self.completeStatement, values, idempotent: true)
        guard let session = try opened(result, id: id, detail: .full) else { return nil }
        await sealRest(of: result, id: id)
        return session
    }

    /// See ``SessionStore/releaseRefreshLease(_:fence:retryAfter:refreshToken:policy:)``.
    public func releaseRefreshLease(
        _ id: SessionID,
        fence: Int64,
        retryAfter: Duration?,
        refreshToken: Secret<String>?,
        policy: SessionPolicy
    ) async throws(SessionError) {
        var sealer = RowSealer(keyRing: keyRing, rowKey: id.rowKey)
        let own: [PostgresValue] = [
            .int8(fence), .int8(retryAfter?.microseconds), .bool(refreshToken != nil),
            .text(try sealer.seal(refreshToken, column: .refreshToken)), .text(sealer.sealingKeyID),
            .text(policy.tenantID),
        ]
        // Twice is a failure more and a wait a little longer, which does no harm.
        _ = try await write(
            Self.releaseStatement,
            [.text(id.rowKey)] + Self.lifetimes(policy) + own,
            idempotent: true
        )
    }

    /// See ``SessionStore/revokeAfterRefresh(_:fence:verdict:policy:)``.
    public func revokeAfterRefresh(
        _ id: SessionID,
        fence: Int64,
        verdict: RefreshVerdict,
        policy: SessionPolicy
    ) async throws(SessionError) -> Bool {
        let own: [PostgresValue] = [
            .text(SessionEndReason.refreshFailed.rawValue), .int8(fence), .text(policy.tenantID),
            .bool(verdict == .lost),
        ]
        return try await write(
            Self.revokeAfterRefreshStatement,
            [.text(id.rowKey)] + Self.lifetimes(policy) + own,
            idempotent: true
        ).count() > 0
    }

    private static func lifetimes(_ policy: SessionPolicy) -> [PostgresValue] {
        [.duration(policy.idleLifetime), .duration(policy.absoluteLifetime)]
    }

    private static func need(_ need: RefreshLeaseRequest.Need) -> [PostgresValue] {
        switch need {
        case .expiring(let margin): [.duration(margin), .timestamp(Date?.none)]
        case .notRefreshedSince(let moment): [.int8(nil), .timestamp(moment)]
        }
    }

    private func lease(_ row: PostgresRow, _ session: Session) throws(SessionError) -> RefreshLease {
        do {
            return RefreshLease(
                session: session,
                fence: try row.int8(23),
                failures: Int(try row.int8(24)),
                isTakeover: try row.bool(25)
            )
        } catch {
            throw SessionError(error)
        }
    }

    /// What the row says; nil when the lease is free.
    private func refreshState(_ result: PostgresResult, id: SessionID) throws(SessionError) -> RefreshLeaseAnswer? {
        guard let row = result.first, let session = try opened(result, id: id, detail: .full) else {
            return RefreshLeaseAnswer.none
        }
        func remaining(_ column: Int) throws(PostgresError) -> Duration {
            .microseconds(max(try row.optionalInt8(column) ?? 0, 0))
        }
        do {
            switch try row.text(24) {
            case "none": return RefreshLeaseAnswer.none
            case "fresh": return .fresh(session)
            case "held": return .held(session, remaining: try remaining(25))
            case "waiting": return .waiting(session, remaining: try remaining(26))
            case "abandoned": return .waiting(session, remaining: try remaining(27))
            case "lost": return .lost(fence: try row.int8(23))
            default: return nil
            }
        } catch {
            throw SessionError(error)
        }
    }
}
