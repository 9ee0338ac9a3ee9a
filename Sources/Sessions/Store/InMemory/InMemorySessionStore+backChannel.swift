import Foundation

extension InMemorySessionStore {
    /// A notice that is remembered.
    struct RememberedLogout: Sendable {
        let notice: LogoutNotice
        let expiresAt: Date
    }

    /// What makes two notices one.
    struct LogoutKey: Sendable, Hashable {
        let tenantID: String
        let issuer: String
        let tokenID: String
    }

    /// See ``SessionStore/end(_:policy:)``.
    public func end(_ id: SessionID, policy: SessionPolicy) -> EndedSession? {
        withState { state, now in
            guard let record = state.sessions[id.rowKey], record.revocation == nil, record.isInScope(policy)
            else { return nil }
            state.sessions[id.rowKey] = nil
            state.audit(.logout, rowKey: id.rowKey, record)
            return record.ended(id.rowKey, wasAlive: record.isAlive(at: now, policy))
        }
    }

    /// See ``SessionStore/endByProvider(_:policy:)``.
    public func endByProvider(_ notice: LogoutNotice, policy: SessionPolicy) -> BackChannelOutcome {
        withState { state, now in
            guard policy.tenantID == nil || policy.tenantID == notice.tenantID else {
                return .ended(count: 0, sessions: [])
            }
            let candidates = state.sessions.filter { notice.concerns($0.value) }
            if notice.subject != nil, notice.providerSessionID != nil,
                candidates.values.contains(where: { $0.attributes.subject != notice.subject })
            {
                return .mismatched
            }
            let key = LogoutKey(tenantID: notice.tenantID, issuer: notice.issuer, tokenID: notice.tokenID)
            guard state.logouts[key] == nil else { return .repeated }
            state.logouts[key] = RememberedLogout(
                notice: notice,
                expiresAt: now + notice.effectivelyRemembered.inSeconds
            )
            let ended = candidates.filter { notice.ends($0.value) }
            var details = notice.requester.details
            details["reason"] = .string(SessionEndReason.provider.rawValue)
            for (rowKey, record) in ended {
                state.sessions[rowKey] = nil
                state.audit(.logout, rowKey: rowKey, record, details: details)
            }
            let sessions = ended.prefix(BackChannelOutcome.maximumSessions)
                .map { $0.value.ended($0.key, wasAlive: true) }
            return .ended(count: ended.count, sessions: sessions)
        }
    }
}

extension LogoutNotice {
    /// Whether the notice is about a session, whenever that began.
    fileprivate func concerns(_ record: InMemorySessionStore.Record) -> Bool {
        let attributes = record.attributes
        guard record.revocation == nil, attributes.tenantID == tenantID, attributes.issuer == issuer else {
            return false
        }
        if let providerSessionID, attributes.providerSessionID == providerSessionID { return true }
        guard let subject, attributes.subject == subject else { return false }
        return providerSessionID == nil || attributes.providerSessionID == nil
    }

    /// Whether a session that the notice is about began before it: the provider's session did in any case.
    fileprivate func ends(_ record: InMemorySessionStore.Record) -> Bool {
        if let providerSessionID, record.attributes.providerSessionID == providerSessionID { return true }
        let beginning = record.idTokenIssuedAt?.wholeSeconds ?? record.createdAt - clockSkew.inSeconds
        return beginning <= issuedAt
    }

    /// Whether a login that isn't stored yet must not be.
    func forbids(_ new: NewSession) -> Bool {
        let attributes = new.attributes
        guard let date = new.idTokenIssuedAt, attributes.subject != nil,
            attributes.tenantID == tenantID, attributes.issuer == issuer
        else { return false }
        if let providerSessionID, attributes.providerSessionID == providerSessionID {
            return subject == nil || subject == attributes.subject
        }
        return subject == attributes.subject && (providerSessionID == nil || attributes.providerSessionID == nil)
            && date.wholeSeconds <= issuedAt
    }
}

extension InMemorySessionStore.Record {
    fileprivate func ended(_ rowKey: String, wasAlive: Bool) -> EndedSession {
        EndedSession(
            handle: SessionHandle(rowKey: rowKey),
            wasAlive: wasAlive,
            issuer: attributes.issuer,
            provider: attributes.provider,
            subject: attributes.subject,
            accessToken: attributes.accessToken,
            refreshToken: attributes.refreshToken,
            idToken: attributes.idToken
        )
    }
}

extension Date {
    fileprivate var wholeSeconds: Date { Date(timeIntervalSince1970: timeIntervalSince1970.rounded(.down)) }
}
