import Foundation

extension InMemorySessionStore {
    /// See ``SessionStore/revoke(_:reason:policy:)``.
    public func revoke(_ session: SessionHandle, reason: SessionEndReason, policy: SessionPolicy) -> Bool {
        withState { state, now in
            guard
                let (rowKey, record) = state.sessions.first(where: { SessionHandle(rowKey: $0.key) == session }),
                record.isAlive(at: now, policy)
            else { return false }
            state.revokeAndAudit(rowKey, reason: reason, at: now)
            return true
        }
    }

    /// See ``SessionStore/revokeAll(of:except:reason:policy:)``.
    public func revokeAll(
        of user: UserKey,
        except: SessionID?,
        reason: SessionEndReason,
        policy: SessionPolicy
    ) -> Int {
        withState { state, now in
            let ending = state.live(of: user, at: now, policy).filter { $0.rowKey != except?.rowKey }
            for (rowKey, _) in ending {
                state.revokeAndAudit(rowKey, reason: reason, at: now)
            }
            return ending.count
        }
    }

    /// See ``SessionStore/sessions(of:policy:)``.
    public func sessions(of user: UserKey, policy: SessionPolicy) -> [SessionSummary] {
        withState { state, now in
            state.live(of: user, at: now, policy).map { $0.record.summary($0.rowKey, policy) }
        }
    }

    /// See ``SessionStore/updateUser(_:profile:roles:policy:)``.
    public func updateUser(
        _ user: UserKey,
        profile: [String: JSONValue?],
        roles: [String]?,
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
            return live.count
        }
    }

    /// See ``SessionStore/enforceLimit(of:maximum:policy:)``.
    public func enforceLimit(of user: UserKey, maximum: Int, policy: SessionPolicy) -> Int {
        withState { state, now in state.evict(user, maximum: maximum, at: now, policy) }
    }
}

extension InMemorySessionStore.State {
    mutating func revokeAndAudit(_ rowKey: String, reason: SessionEndReason, at now: Date) {
        revoke(rowKey, reason: reason, at: now)
        if let record = sessions[rowKey] { audit(.revoke, rowKey: rowKey, record) }
    }
}
