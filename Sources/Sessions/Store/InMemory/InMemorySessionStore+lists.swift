import Foundation
import PostgresPipeline

extension InMemorySessionStore {
    /// See ``SessionStore/sessions(matching:after:limit:policy:)``.
    public func sessions(
        matching filter: SessionFilter,
        after: SessionPage.Cursor?,
        limit: Int,
        policy: SessionPolicy
    ) -> SessionPage {
        withState { state, now in
            let following = state.matching(filter, at: now, policy)
                .reversed()
                .drop { row in after.map { !row.cursor.precedes($0) } ?? false }
            let page = following.prefix(limit)
            return SessionPage(
                sessions: page.map { $0.record.summary($0.rowKey, at: now, policy) },
                next: following.count > limit ? page.last?.cursor : nil
            )
        }
    }

    /// See ``SessionStore/summary(_:policy:)``.
    public func summary(_ session: SessionHandle, policy: SessionPolicy) -> SessionSummary? {
        withState { state, now in
            state.sessions
                .first { SessionHandle(rowKey: $0.key) == session && $0.value.isInScope(policy) }
                .map { $0.value.summary($0.key, at: now, policy) }
        }
    }

    /// See ``SessionStore/endSessions(matching:mode:after:limit:isDryRun:policy:)``.
    public func endSessions(
        matching filter: SessionFilter,
        mode: SessionEnding,
        after: SessionPage.Cursor?,
        limit: Int,
        isDryRun: Bool,
        policy: SessionPolicy
    ) -> EndedBatch {
        withState { state, now in
            let matching = state.matching(filter, at: now, policy)
                .filter { mode == .delete || $0.record.isAlive(at: now, policy) }
            if isDryRun { return EndedBatch(matched: matching.count, ended: 0, next: nil) }
            let batch = matching.drop { row in after.map { !$0.precedes(row.cursor) } ?? false }.prefix(limit)
            for row in batch {
                switch mode {
                case .delete: state.sessions[row.rowKey] = nil
                case .revoke(let reason): state.revoke(row.rowKey, reason: reason, at: now)
                }
            }
            let next = batch.count == limit ? batch.last?.cursor : nil
            let handles = batch.prefix(EndedSessions.maximumHandles).map { SessionHandle(rowKey: $0.rowKey) }
            return EndedBatch(matched: batch.count, ended: batch.count, next: next, handles: handles)
        }
    }
}

extension InMemorySessionStore.State {
    /// A session with its place in lists.
    struct Row {
        let cursor: SessionPage.Cursor
        let rowKey: String
        let record: Record
    }

    /// The sessions that a filter names, the oldest first.
    func matching(_ filter: SessionFilter, at now: Date, _ policy: SessionPolicy) -> [Row] {
        sessions
            .filter { $0.value.isInScope(policy) && $0.value.matches(filter, at: now, policy) }
            .map { Row(cursor: SessionPage.Cursor(rowKey: $0.key, $0.value), rowKey: $0.key, record: $0.value) }
            .sorted { $0.cursor.precedes($1.cursor) }
    }
}

extension InMemorySessionStore.Record {
    func matches(_ filter: SessionFilter, at now: Date, _ policy: SessionPolicy) -> Bool {
        let exact = [
            filter.tenantID.map { $0 == attributes.tenantID },
            filter.issuer.map { $0 == attributes.issuer ?? "" },
            filter.subject.map { $0 == attributes.subject },
            filter.email.map { $0.lowercased() == attributes.profile["email"]?.stringValue?.lowercased() },
            filter.createdBefore.map { createdAt < $0 },
            filter.createdAfter.map { createdAt >= $0 },
            filter.olderThan.map { createdAt < now - $0.inSeconds },
            filter.lastAccessedBefore.map { lastAccessedAt < $0 },
            filter.revokedBefore.map { date in revocation.map { $0.date < date } ?? false },
        ]
        let isInState = filter.states.isEmpty || filter.states.contains { matches($0, at: now, policy) }
        return exact.allSatisfy { $0 ?? true } && isInState
    }

    private func matches(_ state: SessionState, at now: Date, _ policy: SessionPolicy) -> Bool {
        switch state {
        case .revoked: revocation != nil
        case .active: isAlive(at: now, policy)
        case .expired: revocation == nil && !isAlive(at: now, policy)
        case .inactive: isInactive(for: policy.inactivityTimeout, at: now)
        }
    }
}

extension SessionPage.Cursor {
    init(rowKey: String, _ record: InMemorySessionStore.Record) {
        self.init(
            createdAt: PostgresTimestamp(record.createdAt).microseconds,
            handle: SessionHandle(rowKey: rowKey)
        )
    }

    func precedes(_ other: SessionPage.Cursor) -> Bool {
        (createdAt, handle.rawValue) < (other.createdAt, other.handle.rawValue)
    }
}
