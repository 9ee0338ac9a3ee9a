import Foundation

extension InMemorySessionStore {
    /// See ``SessionStore/withExclusiveCleaning(_:)``.
    public func withExclusiveCleaning<Result: Sendable>(
        _ body: @Sendable (any SessionCleaning) async throws(SessionError) -> Result
    ) async throws(SessionError) -> Result? {
        let isFirst = withState { state, _ in
            defer { state.isCleaning = true }
            return !state.isCleaning
        }
        guard isFirst else { return nil }
        defer { withState { state, _ in state.isCleaning = false } }
        return try await body(InMemoryCleaning(store: self))
    }
}

/// The right to clean an ``InMemorySessionStore``.
struct InMemoryCleaning: SessionCleaning {
    let store: InMemorySessionStore

    func clean(
        _ target: CleanupTarget,
        after: CleanupCursor?,
        limit: Int,
        isDryRun: Bool,
        policy: SessionPolicy
    ) -> CleanupBatch {
        store.withState { state, now in
            if case .overLimit(let maximum) = target {
                return state.enforceLimits(maximum, isDryRun: isDryRun, at: now, policy)
            }
            let limit = isDryRun ? Int.max : limit
            let sessions = state.sessions.filter { $0.value.isRemoved(by: target, at: now) }.prefix(limit)
            let logins = state.logins.filter { target == .expired && $0.value.expiresAt <= now }
                .prefix(limit - sessions.count)
            if isDryRun {
                return CleanupBatch(sessions: sessions.count, logins: logins.count, next: nil)
            }
            for (rowKey, _) in sessions { state.sessions[rowKey] = nil }
            for (rowKey, _) in logins { state.logins[rowKey] = nil }
            let isFull = sessions.count + logins.count == limit
            return CleanupBatch(
                sessions: sessions.count,
                logins: logins.count,
                next: isFull ? CleanupCursor(position: 0) : nil
            )
        }
    }
}

extension InMemorySessionStore.Record {
    func isRemoved(by target: CleanupTarget, at now: Date) -> Bool {
        switch target {
        case .expired: revocation == nil && expiresAt <= now
        case .revoked(let age): revocation.map { now.timeIntervalSince($0.date) > age.inSeconds } ?? false
        case .inactive(let time): isInactive(for: time, at: now)
        case .overLimit: false
        }
    }
}

extension InMemorySessionStore.State {
    mutating func enforceLimits(
        _ maximum: Int,
        isDryRun: Bool,
        at now: Date,
        _ policy: SessionPolicy
    ) -> CleanupBatch {
        var count = 0
        for user in Set(sessions.values.compactMap(\.user)) {
            if isDryRun {
                count += max(live(of: user, at: now, policy).count - maximum, 0)
            } else {
                count += evict(user, maximum: maximum, by: nil, at: now, policy)
            }
        }
        return CleanupBatch(sessions: count, logins: 0, next: nil)
    }
}
