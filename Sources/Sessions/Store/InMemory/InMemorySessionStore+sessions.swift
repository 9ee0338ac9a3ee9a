import Foundation

extension InMemorySessionStore {
    /// See ``SessionStore/create(_:replacing:policy:)``.
    public func create(
        _ session: NewSession,
        replacing: ReplacedSession?,
        policy: SessionPolicy
    ) throws(SessionError) -> Session? {
        let outcome = withState { state, now -> Result<Session?, SessionError> in
            guard state.sessions[session.id.rowKey] == nil else {
                return .failure(SessionError(.failed, "the id is taken"))
            }
            if state.logouts.values.contains(where: { $0.notice.forbids(session) }) { return .success(nil) }
            if let replacing, replacing.id != session.id {
                let isReplaced = state.replace(replacing, at: now, policy)
                if !isReplaced, replacing.requiredRevision != nil { return .success(nil) }
            }
            let record = state.add(session, at: now, policy)
            return .success(record.session(session.id, detail: .full, at: now, policy))
        }
        return try outcome.get()
    }

    /// See ``SessionStore/session(_:detail:policy:)``.
    public func session(_ id: SessionID, detail: SessionDetail, policy: SessionPolicy) -> Session? {
        withState { state, now in
            guard let record = state.sessions[id.rowKey], record.isAlive(at: now, policy) else { return nil }
            return record.session(id, detail: detail, at: now, policy)
        }
    }

    /// See ``SessionStore/update(_:_:policy:)``.
    public func update(_ id: SessionID, _ update: SessionUpdate, policy: SessionPolicy) -> Session? {
        withState { state, now in
            guard var record = state.sessions[id.rowKey], record.isAlive(at: now, policy) else { return nil }
            record.apply(update, at: now, policy)
            state.sessions[id.rowKey] = record
            return record.session(id, detail: .full, at: now, policy)
        }
    }

    /// See ``SessionStore/touch(_:policy:)``.
    public func touch(_ touches: [SessionTouch], policy: SessionPolicy) -> Int {
        withState { state, now in
            var count = 0
            for touch in touches {
                let usedAt = now - touch.age.inSeconds
                guard let record = state.sessions[touch.id.rowKey], record.isAlive(at: now, policy),
                    usedAt.timeIntervalSince(record.lastAccessedAt) >= policy.updateAge.inSeconds
                else { continue }
                state.sessions[touch.id.rowKey]?.lastAccessedAt = usedAt
                count += 1
            }
            return count
        }
    }
}

extension InMemorySessionStore.Record {
    mutating func apply(_ update: SessionUpdate, at now: Date, _ policy: SessionPolicy) {
        attributes.apply(update)
        if update.extendsLifetime {
            let extended = min(now + policy.refreshExtension.inSeconds, createdAt + policy.absoluteLifetime.inSeconds)
            expiresAt = max(expiresAt, extended)
        }
        lastAccessedAt = max(lastAccessedAt, now)
        revision += 1
    }
}

extension InMemorySessionStore.State {
    mutating func audit(
        _ action: AuditAction,
        rowKey: String,
        _ record: InMemorySessionStore.Record,
        by requester: Requester? = nil,
        details more: [String: JSONValue] = [:]
    ) {
        guard let user = record.user else { return }
        var details: [String: JSONValue] = [
            "session": .string(SessionHandle(rowKey: rowKey).rawValue),
            "tenantID": .string(user.tenantID),
            "issuer": .string(user.issuer),
            "subject": .string(user.subject),
        ]
        if let revocation = record.revocation { details["reason"] = .string(revocation.reason) }
        details.merge(requester.details) { _, new in new }
        details.merge(more) { _, new in new }
        let date = record.revocation?.date ?? record.createdAt
        audit.append(InMemorySessionStore.AuditEntry(action: action, details: details, date: date))
    }

    mutating func revoke(_ rowKey: String, reason: SessionEndReason, at now: Date) {
        guard var record = sessions[rowKey] else { return }
        record.attributes = record.attributes.withoutSecrets
        record.revocation = Revocation(date: now, reason: reason.rawValue)
        record.revision += 1
        sessions[rowKey] = record
    }

    mutating func replace(_ replaced: ReplacedSession, at now: Date, _ policy: SessionPolicy) -> Bool {
        guard let record = sessions[replaced.id.rowKey], record.revocation == nil, record.isInScope(policy)
        else { return false }
        if let revision = replaced.requiredRevision {
            guard record.revision == revision, record.isAlive(at: now, policy) else { return false }
        }
        revoke(replaced.id.rowKey, reason: .replaced, at: now)
        return true
    }

    mutating func add(
        _ new: NewSession,
        at now: Date,
        _ policy: SessionPolicy
    ) -> InMemorySessionStore.Record {
        let lifetime = new.attributes.subject == nil ? policy.idleLifetime : policy.refreshExtension
        var record = InMemorySessionStore.Record(
            attributes: new.attributes,
            createdAt: now,
            lastAccessedAt: now,
            expiresAt: now + min(lifetime, policy.absoluteLifetime).inSeconds
        )
        record.idTokenIssuedAt = new.idTokenIssuedAt
        if let user = record.user {
            _ = evict(user, maximum: max(policy.maximumSessionsPerUser - 1, 0), by: nil, at: now, policy)
            audit(.login, rowKey: new.id.rowKey, record, by: Requester(.user, address: new.attributes.ipAddress))
        }
        sessions[new.id.rowKey] = record
        return record
    }

    /// The live sessions of a user, the newest first.
    func live(of user: UserKey, at now: Date, _ policy: SessionPolicy) -> [(rowKey: String, record: Record)] {
        sessions
            .filter { $0.value.user == user && $0.value.isAlive(at: now, policy) }
            .map { (rowKey: $0.key, record: $0.value) }
            .sorted { ($0.record.createdAt, $0.rowKey) > ($1.record.createdAt, $1.rowKey) }
    }

    mutating func evict(
        _ user: UserKey,
        maximum: Int,
        by requester: Requester?,
        at now: Date,
        _ policy: SessionPolicy
    ) -> Int {
        let excess = live(of: user, at: now, policy).dropFirst(maximum)
        for (rowKey, _) in excess {
            revoke(rowKey, reason: .sessionLimit, at: now)
            if let record = sessions[rowKey] { audit(.revoke, rowKey: rowKey, record, by: requester) }
        }
        return excess.count
    }

    typealias Record = InMemorySessionStore.Record
}
