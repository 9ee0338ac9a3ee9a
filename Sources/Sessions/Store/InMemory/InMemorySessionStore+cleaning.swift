import Foundation

extension InMemorySessionStore {
    /// See ``SessionStore/withExclusiveCleaning(_:)``.
    public func withExclusiveCleaning<Result: Sendable>(
        _ body: @Sendable (any SessionCleaning) async throws(SessionError) -> Result
    ) async throws(SessionError) -> Result? {
        let isFirst = withState { state, _ in
            guard state.cleaner == nil else { return false }
            state.cleaner = ""
            return true
        }
        guard isFirst else { return nil }
        defer { withState { state, _ in state.cleaner = nil } }
        return try await body(InMemoryCleaning(store: self))
    }

    /// See ``SessionStore/withExclusiveCounting(_:)``.
    public func withExclusiveCounting<Result: Sendable>(
        _ body: @Sendable () async throws(SessionError) -> Result
    ) async throws(SessionError) -> Result? {
        let isFirst = withState { state, _ in
            defer { state.isCounting = true }
            return !state.isCounting
        }
        guard isFirst else { return nil }
        defer { withState { state, _ in state.isCounting = false } }
        return try await body()
    }

    /// See ``SessionStore/cleaningRecord(policy:)``.
    public func cleaningRecord(policy: SessionPolicy) -> CleaningRecord {
        withState { state, now in
            var record = CleaningRecord()
            record.readAt = now
            record.leader = state.cleaner
            for entry in state.audit where entry.concerns(policy) {
                record.add(entry.action, entry.details, at: entry.date, policy)
            }
            return record
        }
    }
}

/// The right to clean an ``InMemorySessionStore``.
struct InMemoryCleaning: SessionCleaning {
    let store: InMemorySessionStore

    func begin(as instance: String) {
        store.withState { state, _ in state.cleaner = instance }
    }

    func clean(
        _ target: CleanupTarget,
        after: CleanupCursor?,
        limit: Int,
        policy: SessionPolicy
    ) throws(SessionError) -> CleanupBatch {
        try target.checkInMemory()
        return store.withState { state, now in
            if case .overLimit(let maximum) = target {
                return CleanupBatch(sessions: state.enforceLimits(maximum, at: now, policy), logins: 0)
            }
            let rows = state.rows(of: target, after: [], at: now, policy)
            let batch = rows.prefix(limit)
            for row in batch { state.remove(row) }
            return CleanupBatch(
                sessions: batch.count { !$0.isLogin },
                logins: batch.count { $0.isLogin },
                next: rows.count > batch.count ? CleanupCursor(.again) : nil
            )
        }
    }

    func count(
        _ target: CleanupTarget,
        after earlier: [CleanupTarget],
        policy: SessionPolicy
    ) throws(SessionError) -> CleanupBatch {
        try target.checkInMemory()
        return store.withState { state, now in
            if case .overLimit(let maximum) = target {
                // On a copy of what the others would leave.
                var copy = InMemorySessionStore.State()
                copy.sessions = state.sessions
                for row in earlier.flatMap({ state.rows(of: $0, after: [], at: now, policy) }) { copy.remove(row) }
                return CleanupBatch(sessions: copy.enforceLimits(maximum, at: now, policy), logins: 0)
            }
            let rows = state.rows(of: target, after: earlier, at: now, policy)
            return CleanupBatch(sessions: rows.count { !$0.isLogin }, logins: rows.count { $0.isLogin })
        }
    }
}

extension CleanupTarget {
    fileprivate func checkInMemory() throws(SessionError) {
        guard case .orphans = self else { return }
        throw SessionError(.invalidInput, "the in-memory store has no table of users to look for orphans by")
    }
}

extension InMemorySessionStore.Record {
    fileprivate func isRemoved(by target: CleanupTarget, at now: Date) -> Bool {
        switch target {
        case .expired, .expiredSessions: revocation == nil && expiresAt <= now
        case .revoked(let age): revocation.map { now.timeIntervalSince($0.date) > age.inSeconds } ?? false
        case .inactive(let time): isInactive(for: time, at: now)
        case .abandonedLogins, .orphans, .overLimit, .auditTrail, .logoutTokens: false
        }
    }
}

extension InMemorySessionStore.State {
    /// A row of one of the collections.
    fileprivate enum CleanedRow {
        case session(String)
        case login(String)
        case audit(UUID)
        case logout(InMemorySessionStore.LogoutKey)

        var isLogin: Bool { if case .login = self { true } else { false } }
    }

    fileprivate func rows(
        of target: CleanupTarget,
        after earlier: [CleanupTarget],
        at now: Date,
        _ policy: SessionPolicy
    ) -> [CleanedRow] {
        if case .auditTrail(let age) = target {
            return audit.filter { now.timeIntervalSince($0.date) > age.inSeconds && $0.belongs(to: policy) }
                .map { .audit($0.id) }
        }
        if case .logoutTokens = target {
            return logouts.filter { row in
                row.value.expiresAt <= now && policy.tenantID.map { $0 == row.key.tenantID } ?? true
            }
            .map { .logout($0.key) }
        }
        let sessions = sessions.filter { row in
            row.value.isInScope(policy) && row.value.isRemoved(by: target, at: now)
                && !earlier.contains { row.value.isRemoved(by: $0, at: now) }
        }
        guard target == .expired || target == .abandonedLogins else { return sessions.map { .session($0.key) } }
        let logins = logins.filter { row in
            row.value.expiresAt <= now && policy.tenantID.map { $0 == row.value.login.tenantID } ?? true
        }
        return sessions.map { .session($0.key) } + logins.map { .login($0.key) }
    }

    fileprivate mutating func remove(_ row: CleanedRow) {
        switch row {
        case .session(let key): sessions[key] = nil
        case .login(let key): logins[key] = nil
        case .audit(let id): audit.removeAll { $0.id == id }
        case .logout(let key): logouts[key] = nil
        }
    }

    fileprivate mutating func enforceLimits(_ maximum: Int, at now: Date, _ policy: SessionPolicy) -> Int {
        Set(sessions.values.compactMap(\.user)).reduce(0) {
            $0 + evict($1, maximum: maximum, by: Requester(.cleaner), at: now, policy)
        }
    }
}

extension InMemorySessionStore.AuditEntry {
    private var tenantID: JSONValue? { details["tenantID"] }

    /// Whether it tells of a cleaner whose work was this policy's too.
    fileprivate func concerns(_ policy: SessionPolicy) -> Bool {
        tenantID == nil || tenantID == policy.tenantID.map { .string($0) }
    }

    /// Whether it is the policy's to delete.
    fileprivate func belongs(to policy: SessionPolicy) -> Bool {
        policy.tenantID.map { tenantID == .string($0) } ?? true
    }
}
