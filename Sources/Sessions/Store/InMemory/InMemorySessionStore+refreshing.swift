import Foundation
public import Secrets

/// What is known about the refreshes of one session.
struct RefreshState: Sendable {
    var fence: Int64 = 0
    var leaseUntil: Date?
    /// Nobody tries before this; the distant future while a lease that was taken over has no end yet.
    var retryAt: Date?
    var refreshedAt: Date?
    var failures = 0
}

extension InMemorySessionStore {
    /// See ``SessionStore/acquireRefreshLease(_:_:policy:)``.
    public func acquireRefreshLease(
        _ id: SessionID,
        _ request: RefreshLeaseRequest,
        policy: SessionPolicy
    ) -> RefreshLeaseAnswer {
        withState { state, now in
            guard var record = state.live(id, at: now, policy), record.attributes.refreshToken != nil else {
                return .none
            }
            let session = record.session(id, detail: .full, at: now, policy)
            guard record.isStale(request.need, at: now) else { return .fresh(session) }
            if let until = record.refresh.leaseUntil, until > now {
                return .held(session, remaining: until.duration(since: now))
            }
            if record.isLost(at: now) { return .lost(fence: record.refresh.fence) }
            let isTakeover = record.refresh.leaseUntil != nil
            if let retryAt = record.refresh.retryAt, retryAt > now, retryAt < .distantFuture {
                return .waiting(session, remaining: retryAt.duration(since: now))
            }
            if isTakeover, !record.isTokenOver(at: now) {
                let end = record.attributes.accessTokenExpiresAt ?? now
                return .waiting(session, remaining: end.duration(since: now))
            }
            record.refresh.fence += 1
            record.refresh.leaseUntil = now + request.duration.inSeconds
            record.refresh.retryAt = isTakeover ? .distantFuture : nil
            state.sessions[id.rowKey] = record
            return .granted(
                RefreshLease(
                    session: session,
                    fence: record.refresh.fence,
                    failures: record.refresh.failures,
                    isTakeover: isTakeover
                )
            )
        }
    }

    /// See ``SessionStore/renewRefreshLease(_:fence:duration:policy:)``.
    public func renewRefreshLease(
        _ id: SessionID,
        fence: Int64,
        duration: Duration,
        policy: SessionPolicy
    ) -> Bool {
        withState { state, now in
            guard let record = state.live(id, at: now, policy), record.refresh.fence == fence,
                record.refresh.leaseUntil != nil
            else { return false }
            state.sessions[id.rowKey]?.refresh.leaseUntil = now + duration.inSeconds
            return true
        }
    }

    /// See ``SessionStore/completeRefresh(_:fence:_:policy:)``.
    public func completeRefresh(
        _ id: SessionID,
        fence: Int64,
        _ update: SessionUpdate,
        policy: SessionPolicy
    ) -> Session? {
        withState { state, now in
            guard var record = state.live(id, at: now, policy), record.refresh.fence == fence else { return nil }
            record.apply(update, at: now, policy)
            record.refresh = RefreshState(fence: fence, refreshedAt: now)
            state.sessions[id.rowKey] = record
            return record.session(id, detail: .full, at: now, policy)
        }
    }

    /// See ``SessionStore/releaseRefreshLease(_:fence:retryAfter:refreshToken:policy:)``.
    public func releaseRefreshLease(
        _ id: SessionID,
        fence: Int64,
        retryAfter: Duration?,
        refreshToken: Secret<String>?,
        policy: SessionPolicy
    ) {
        withState { state, now in
            guard var record = state.live(id, at: now, policy), record.refresh.fence == fence else { return }
            record.refresh.leaseUntil = nil
            record.refresh.retryAt = retryAfter.map { now + $0.inSeconds }
            if retryAfter != nil { record.refresh.failures += 1 }
            if let refreshToken {
                record.attributes.refreshToken = refreshToken
                record.revision += 1
            }
            state.sessions[id.rowKey] = record
        }
    }

    /// See ``SessionStore/revokeAfterRefresh(_:fence:verdict:policy:)``.
    public func revokeAfterRefresh(
        _ id: SessionID,
        fence: Int64,
        verdict: RefreshVerdict,
        policy: SessionPolicy
    ) -> Bool {
        withState { state, now in
            guard let record = state.live(id, at: now, policy), record.refresh.fence == fence,
                verdict != .lost || record.isLost(at: now)
            else { return false }
            state.revokeAndAudit(id.rowKey, reason: .refreshFailed, by: nil, at: now)
            return true
        }
    }
}

extension InMemorySessionStore.State {
    fileprivate func live(_ id: SessionID, at now: Date, _ policy: SessionPolicy) -> Record? {
        sessions[id.rowKey].flatMap { $0.isAlive(at: now, policy) ? $0 : nil }
    }
}

extension InMemorySessionStore.Record {
    fileprivate func isStale(_ need: RefreshLeaseRequest.Need, at now: Date) -> Bool {
        let refreshedAt = refresh.refreshedAt ?? createdAt
        switch need {
        case .notRefreshedSince(let moment): return refreshedAt < moment
        case .expiring(let margin):
            guard attributes.accessToken != nil else { return true }
            guard let end = attributes.accessTokenExpiresAt else { return false }
            if let last = refresh.refreshedAt, last > now - RefreshLeaseRequest.leastPause.inSeconds { return false }
            let half = end.timeIntervalSince(refreshedAt) / 2
            return end <= now + max(min(margin.inSeconds, half), 0)
        }
    }

    /// Whether the lease was taken over and the second holder isn't heard of either.
    fileprivate func isLost(at now: Date) -> Bool {
        refresh.retryAt == .distantFuture && refresh.leaseUntil.map { $0 <= now } ?? true && isTokenOver(at: now)
    }

    fileprivate func isTokenOver(at now: Date) -> Bool {
        attributes.accessToken == nil || attributes.accessTokenExpiresAt.map { $0 <= now } ?? true
    }
}

extension Date {
    fileprivate func duration(since other: Date) -> Duration {
        .microseconds(max(timeIntervalSince(other), 0) * 1_000_000)
    }
}
