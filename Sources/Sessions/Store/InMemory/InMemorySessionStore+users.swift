import Foundation

extension InMemorySessionStore {
    /// See ``SessionStore/revoke(_:reason:by:policy:)``.
    public func revoke(
        _ session: SessionHandle,
        reason: SessionEndReason,
        by requester: Requester?,
        policy: SessionPolicy
    ) -> Bool {
        withState { state, now in
            guard
                let (rowKey, record) = state.sessions.first(where: { SessionHandle(rowKey: $0.key) == session }),
                record.isAlive(at: now, policy)
            else { return false }
            state.revokeAndAudit(rowKey, reason: reason, by: requester, at: now)
            return true
        }
    }

    /// See ``SessionStore/revokeAll(of:except:reason:by:policy:)``.
    public func revokeAll(
        of user: UserKey,
        except: SessionID?,
        reason: SessionEndReason,
        by requester: Requester?,
        policy: SessionPolicy
    ) -> Int {
        withState { state, now in
            let ending = state.live(of: user, at: now, policy).filter { $0.rowKey != except?.rowKey }
            for (rowKey, _) in ending {
                state.revokeAndAudit(rowKey, reason: reason, by: requester, at: now)
            }
            return ending.count
        }
    }

    /// See ``SessionStore/sessions(of:policy:)``.
    public func sessions(of user: UserKey, policy: SessionPolicy) -> [SessionSummary] {
        withState { state, now in
            state.live(of: user, at: now, policy).map { $0.record.summary($0.rowKey, at: now, policy) }
        }
    }

    /// See ``SessionStore/updateUser(_:profile:roles:by:policy:)``.
    public func updateUser(
        _ user: UserKey,
        profile: [String: JSONValue?],
        roles: [String]?,
        by requester: Requester?,
        policy: SessionPolicy
    ) -> Int {
        withState { state, now in
            let live = state.live(of: user, at: now, policy)
            for (rowKey, record) in live {
                var record = record
                for (name, value) in profile {
                    record.attributes.profile[name] = value
                }
                if let roles { record.attributes.roles = roles }
                record.revision += 1
                state.sessions[rowKey] = record
            }
            if !live.isEmpty {
                var details: [String: JSONValue] = [
                    "tenantID": .string(user.tenantID), "issuer": .string(user.issuer),
                    "subject": .string(user.subject), "sessions": .integer(Int64(live.count)),
                ]
                details.merge(requester.details(of: profile, roles)) { _, new in new }
                state.audit.append(AuditEntry(action: .updateUser, details: details, date: now))
            }
            return live.count
        }
    }

    /// See ``SessionStore/enforceLimit(of:maximum:by:policy:)``.
    public func enforceLimit(of user: UserKey, maximum: Int, by requester: Requester?, policy: SessionPolicy) -> Int {
        withState { state, now in state.evict(user, maximum: maximum, by: requester, at: now, policy) }
    }
}

extension InMemorySessionStore.State {
    mutating func revokeAndAudit(
        _ rowKey: String,
        reason: SessionEndReason,
        by requester: Requester?,
        at now: Date
    ) {
        revoke(rowKey, reason: reason, at: now)
        if let record = sessions[rowKey] { audit(.revoke, rowKey: rowKey, record, by: requester) }
    }
}
