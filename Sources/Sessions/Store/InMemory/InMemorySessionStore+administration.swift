import Foundation

extension InMemorySessionStore {
    /// See ``SessionStore/statistics(tenantID:policy:)``.
    public func statistics(tenantID: String?, policy: SessionPolicy) -> SessionStatistics {
        let tenants = [tenantID, policy.tenantID].compactMap { $0 }
        return withState { state, now in
            let records = state.sessions.values.filter { record in
                tenants.allSatisfy { $0 == record.attributes.tenantID }
            }
            var result = SessionStatistics()
            result.takenAt = now
            result.total = records.count
            result.pendingLogins = state.logins.values.count { started in
                now < started.expiresAt && tenants.allSatisfy { $0 == started.login.tenantID }
            }
            let ends = records.filter { $0.revocation == nil }.map(\.expiresAt)
            result.oldestExpiry = ends.min()
            result.newestExpiry = ends.max()
            for record in records {
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
        withState { state, now in state.audit.append(AuditEntry(action: action, details: details, date: now)) }
    }
}

extension InMemorySessionStore.Record {
    func isInactive(for time: Duration, at now: Date) -> Bool {
        revocation == nil && now.timeIntervalSince(lastAccessedAt) > time.inSeconds
    }
}
