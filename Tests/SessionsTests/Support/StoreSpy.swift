import Secrets
import Sessions
import Synchronization

/// A store in front of another that counts touches, and fails when told to.
final class StoreSpy: SessionStore {
    struct Plan: Sendable {
        /// Thrown by touches, one after the other.
        var touchErrors: [SessionError] = []
        /// Thrown by creations after, or instead of, doing the work.
        var createErrors: [(error: SessionError, happens: Bool)] = []
        /// Thrown by endings of many, one after the other; nil lets one pass.
        var endErrors: [SessionError?] = []
        /// Run once before the next ending of many.
        var beforeEnding: (@Sendable () -> Void)?
        /// Thrown by everything.
        var outage: SessionError?
        /// Run once before the next creation.
        var beforeCreate: (@Sendable () async -> Void)?
        var touches: [[SessionTouch]] = []
        var calls = 0
    }

    let base: InMemorySessionStore
    let plan = Mutex(Plan())

    init(_ base: InMemorySessionStore = InMemorySessionStore()) {
        self.base = base
    }

    private func call() throws(SessionError) {
        let outage = plan.withLock { plan in
            plan.calls += 1
            return plan.outage
        }
        if let outage { throw outage }
    }

    func create(
        _ session: NewSession,
        replacing: ReplacedSession?,
        policy: SessionPolicy
    ) async throws(SessionError) -> Session? {
        try call()
        let before = plan.withLock { plan in
            defer { plan.beforeCreate = nil }
            return plan.beforeCreate
        }
        await before?()
        let planned = plan.withLock { $0.createErrors.isEmpty ? nil : $0.createErrors.removeFirst() }
        if let planned {
            if planned.happens { _ = try base.create(session, replacing: replacing, policy: policy) }
            throw planned.error
        }
        return try base.create(session, replacing: replacing, policy: policy)
    }

    func session(_ id: SessionID, detail: SessionDetail, policy: SessionPolicy) throws(SessionError) -> Session? {
        try call()
        return base.session(id, detail: detail, policy: policy)
    }

    func update(_ id: SessionID, _ update: SessionUpdate, policy: SessionPolicy) throws(SessionError) -> Session? {
        try call()
        return base.update(id, update, policy: policy)
    }

    func end(_ id: SessionID, policy: SessionPolicy) throws(SessionError) -> EndedSession? {
        try call()
        return base.end(id, policy: policy)
    }

    func endByProvider(_ notice: LogoutNotice, policy: SessionPolicy) throws(SessionError) -> BackChannelOutcome {
        try call()
        return base.endByProvider(notice, policy: policy)
    }

    func revoke(
        _ session: SessionHandle,
        reason: SessionEndReason,
        by requester: Requester?,
        policy: SessionPolicy
    ) throws(SessionError) -> Bool {
        try call()
        return base.revoke(session, reason: reason, by: requester, policy: policy)
    }

    func revokeAll(
        of user: UserKey,
        except: SessionID?,
        reason: SessionEndReason,
        by requester: Requester?,
        policy: SessionPolicy
    ) throws(SessionError) -> Int {
        try call()
        return base.revokeAll(of: user, except: except, reason: reason, by: requester, policy: policy)
    }

    func touch(_ touches: [SessionTouch], policy: SessionPolicy) throws(SessionError) -> Int {
        try call()
        let error = plan.withLock { plan -> SessionError? in
            plan.touches.append(touches)
            return plan.touchErrors.isEmpty ? nil : plan.touchErrors.removeFirst()
        }
        if let error { throw error }
        return base.touch(touches, policy: policy)
    }

    func acquireRefreshLease(
        _ id: SessionID,
        _ request: RefreshLeaseRequest,
        policy: SessionPolicy
    ) throws(SessionError) -> RefreshLeaseAnswer {
        try call()
        return base.acquireRefreshLease(id, request, policy: policy)
    }

    func renewRefreshLease(
        _ id: SessionID,
        fence: Int64,
        duration: Duration,
        policy: SessionPolicy
    ) throws(SessionError) -> Bool {
        try call()
        return base.renewRefreshLease(id, fence: fence, duration: duration, policy: policy)
    }

    func completeRefresh(
        _ id: SessionID,
        fence: Int64,
        _ update: SessionUpdate,
        policy: SessionPolicy
    ) throws(SessionError) -> Session? {
        try call()
        return base.completeRefresh(id, fence: fence, update, policy: policy)
    }

    func releaseRefreshLease(
        _ id: SessionID,
        fence: Int64,
        retryAfter: Duration?,
        refreshToken: Secret<String>?,
        policy: SessionPolicy
    ) throws(SessionError) {
        try call()
        base.releaseRefreshLease(
            id,
            fence: fence,
            retryAfter: retryAfter,
            refreshToken: refreshToken,
            policy: policy
        )
    }

    func revokeAfterRefresh(
        _ id: SessionID,
        fence: Int64,
        verdict: RefreshVerdict,
        policy: SessionPolicy
    ) throws(SessionError) -> Bool {
        try call()
        return base.revokeAfterRefresh(id, fence: fence, verdict: verdict, policy: policy)
    }

    func create(
        _ login: NewPendingLogin,
        id: PendingLoginID,
        policy: SessionPolicy
    ) throws(SessionError) -> PendingLogin {
        try call()
        return try base.create(login, id: id, policy: policy)
    }

    func claim(
        _ id: PendingLoginID,
        state: String,
        policy: SessionPolicy
    ) throws(SessionError) -> PendingLogin? {
        try call()
        return base.claim(id, state: state, policy: policy)
    }

    func sessions(of user: UserKey, policy: SessionPolicy) throws(SessionError) -> [SessionSummary] {
        try call()
        return base.sessions(of: user, policy: policy)
    }

    func sessions(
        matching filter: SessionFilter,
        after: SessionPage.Cursor?,
        limit: Int,
        policy: SessionPolicy
    ) throws(SessionError) -> SessionPage {
        try call()
        return base.sessions(matching: filter, after: after, limit: limit, policy: policy)
    }

    func summary(_ session: SessionHandle, policy: SessionPolicy) throws(SessionError) -> SessionSummary? {
        try call()
        return base.summary(session, policy: policy)
    }

    func endSessions(
        matching filter: SessionFilter,
        mode: SessionEnding,
        after: SessionPage.Cursor?,
        limit: Int,
        isDryRun: Bool,
        policy: SessionPolicy
    ) throws(SessionError) -> EndedBatch {
        try call()
        let (before, error) = plan.withLock { plan in
            defer { plan.beforeEnding = nil }
            return (plan.beforeEnding, plan.endErrors.isEmpty ? nil : plan.endErrors.removeFirst())
        }
        before?()
        if let error { throw error }
        return base.endSessions(
            matching: filter,
            mode: mode,
            after: after,
            limit: limit,
            isDryRun: isDryRun,
            policy: policy
        )
    }

    func updateUser(
        _ user: UserKey,
        profile: [String: JSONValue?],
        roles: [String]?,
        by requester: Requester?,
        policy: SessionPolicy
    ) throws(SessionError) -> Int {
        try call()
        return base.updateUser(user, profile: profile, roles: roles, by: requester, policy: policy)
    }

    func statistics(tenantID: String?, policy: SessionPolicy) throws(SessionError) -> SessionStatistics {
        try call()
        return base.statistics(tenantID: tenantID, policy: policy)
    }

    func enforceLimit(
        of user: UserKey,
        maximum: Int,
        by requester: Requester?,
        policy: SessionPolicy
    ) throws(SessionError) -> Int {
        try call()
        return base.enforceLimit(of: user, maximum: maximum, by: requester, policy: policy)
    }

    func withExclusiveCleaning<Result: Sendable>(
        _ body: @Sendable (any SessionCleaning) async throws(SessionError) -> Result
    ) async throws(SessionError) -> Result? {
        try call()
        return try await base.withExclusiveCleaning(body)
    }

    func withExclusiveCounting<Result: Sendable>(
        _ body: @Sendable () async throws(SessionError) -> Result
    ) async throws(SessionError) -> Result? {
        try call()
        return try await base.withExclusiveCounting(body)
    }

    func cleaningRecord(policy: SessionPolicy) throws(SessionError) -> CleaningRecord {
        try call()
        return base.cleaningRecord(policy: policy)
    }

    func audit(_ action: AuditAction, details: [String: JSONValue]) throws(SessionError) {
        try call()
        base.audit(action, details: details)
    }
}
