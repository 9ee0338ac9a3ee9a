import Foundation

extension InMemorySessionStore {
    /// See ``SessionStore/sessions(tenantID:after:limit:policy:)``.
    public func sessions(
        tenantID: String?,
        after: SessionPage.Cursor?,
        limit: Int,
        policy: SessionPolicy
    ) -> SessionPage {
        withState { state, _ in
            let following = state.sessions
                .filter { $0.value.revocation == nil && (tenantID == nil || $0.value.attributes.tenantID == tenantID) }
                .map { (cursor: SessionPage.Cursor(rowKey: $0.key, $0.value), record: $0.value) }
                .sorted { $0.cursor.precedes($1.cursor) }
                .drop { row in after.map { !$0.precedes(row.cursor) } ?? false }
            let page = following.prefix(limit)
            return SessionPage(
                sessions: page.map { $0.record.summary($0.cursor.rowKey, policy) },
                next: following.count > limit ? page.last?.cursor : nil
            )
        }
    }

    /// See ``SessionStore/statistics(policy:)``.
    public func statistics(policy: SessionPolicy) -> SessionStatistics {
        withState { state, now in
            var result = SessionStatistics()
            result.takenAt = now
            result.total = state.sessions.count
            result.pendingLogins = state.logins.values.count { now < $0.expiresAt }
            for record in state.sessions.values {
                if record.revocation != nil {
                    result.revoked += 1
                    continue
                }
                if record.isAlive(at: now, policy) {
                    result.active += 1
                    result.activeByTenant[record.attributes.tenantID, default: 0] += 1
                } else {
                    result.expired += 1
                }
                if record.isInactive(for: policy.inactivityTimeout, at: now) { result.inactive += 1 }
            }
            return result
        }
    }

    /// See ``SessionStore/audit(_:details:)``.
    public func audit(_ action: AuditAction, details: [String: JSONValue]) {
        withState { state, _ in state.audit.append(AuditEntry(action: action, details: details)) }
    }
}

extension InMemorySessionStore.Record {
    func isInactive(for time: Duration, at now: Date) -> Bool {
        revocation == nil && now.timeIntervalSince(lastAccessedAt) > time.inSeconds
    }
}

extension SessionPage.Cursor {
    init(rowKey: String, _ record: InMemorySessionStore.Record) {
        self.init(
            tenantID: record.attributes.tenantID,
            issuer: record.attributes.issuer ?? "",
            subject: record.attributes.subject ?? "",
            createdAtMicroseconds: Int64((record.createdAt.timeIntervalSince1970 * 1_000_000).rounded()),
            rowKey: rowKey
        )
    }

    func precedes(_ other: SessionPage.Cursor) -> Bool {
        (tenantID, issuer, subject, createdAtMicroseconds, rowKey)
            < (other.tenantID, other.issuer, other.subject, other.createdAtMicroseconds, other.rowKey)
    }
}
