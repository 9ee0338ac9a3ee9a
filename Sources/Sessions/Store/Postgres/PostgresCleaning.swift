import PostgresPipeline

/// The right to clean, on the connection that holds the lock.
struct PostgresCleaning: SessionCleaning {
    let connection: PostgresConnection

    /// What `pg_stat_activity` shows of the connection, before the name of the instance.
    static let applicationName = "oidc-sessions cleaner "

    /// Where a page of the table begins, in SQL.
    static func firstPlace(ofPage page: String) -> String { "('(' || \(page) || ',0)')::tid" }

    /// The condition by which rows lie on a range of the table's pages.
    static func isOnPages(from first: String, below end: String) -> String {
        "ctid >= \(firstPlace(ofPage: first)) AND ctid < \(firstPlace(ofPage: end))"
    }

    private static let beginStatement = PostgresStatement(
        "SELECT set_config('application_name', $1, false)",
        parameters: [.text]
    )

    func begin(as instance: String) async throws(SessionError) {
        do {
            try await connection.query(Self.beginStatement, [.text(Self.applicationName + instance)])
        } catch {
            throw SessionError(error)
        }
    }

    func clean(
        _ target: CleanupTarget,
        after: CleanupCursor?,
        limit: Int,
        policy: SessionPolicy
    ) async throws(SessionError) -> CleanupBatch {
        // Once in a run: with each batch there are fewer sessions of unknown users.
        if case .orphans(let rule) = target, CleanupCursor.begins(after) { try await check(rule, policy) }
        return try await Conflicts.retrying(includingLockTimeouts: true) { () async throws(PostgresError) in
            switch target {
            case .expired: return try await deleteExpired(.init(), after: after, limit: limit, policy)
            case .expiredSessions:
                return try await deleteExpired(.init(logins: false), after: after, limit: limit, policy)
            case .abandonedLogins:
                return try await deleteExpired(.init(sessions: false), after: after, limit: limit, policy)
            case .revoked(let age): return try await deleteRevoked(age, after: after, limit: limit, policy)
            case .inactive(let time): return try await deleteInactive(time, after: after, limit: limit, policy)
            case .orphans(let rule): return try await deleteOrphans(rule, after: after, limit: limit, policy)
            case .overLimit(let maximum): return try await enforceLimits(maximum, limit: limit, policy)
            case .auditTrail(let age): return try await deleteAuditTrail(age, after: after, limit: limit, policy)
            case .logoutTokens: return try await deleteLogoutTokens(after: after, limit: limit, policy)
            }
        }
    }

    func count(
        _ target: CleanupTarget,
        after earlier: [CleanupTarget],
        policy: SessionPolicy
    ) async throws(SessionError) -> CleanupBatch {
        if case .orphans(let rule) = target { try await check(rule, policy) }
        let earlier = EarlierTargets(earlier)
        return try await Conflicts.retrying(includingLockTimeouts: true) { () async throws(PostgresError) in
            switch target {
            case .expired: return try await countExpired(.init(), policy)
            case .expiredSessions: return try await countExpired(.init(logins: false), policy)
            case .abandonedLogins: return try await countExpired(.init(sessions: false), policy)
            case .revoked(let age): return try await countRevoked(age, policy)
            case .inactive(let time): return try await countInactive(time, after: earlier, policy)
            case .orphans(let rule): return try await countOrphans(rule, after: earlier, policy)
            case .overLimit(let maximum): return try await countOverLimit(maximum, after: earlier, policy)
            case .auditTrail(let age): return try await countAuditTrail(age, policy)
            case .logoutTokens: return try await count(Self.countLogoutTokens, [.text(policy.tenantID)])
            }
        }
    }
}
