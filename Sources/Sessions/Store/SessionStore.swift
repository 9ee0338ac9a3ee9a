public import Secrets

/// Where sessions are kept.
///
/// The contract, which `SessionStoreConformance` tests:
/// - One clock, the store's, judges every lifetime: a session is alive while that clock is strictly before the stored,
///   the idle and the absolute end. Reads test this themselves and never rely on a cleaner.
/// - Missing, expired and revoked are one answer: nil (or false, or zero). An error means that the store failed, and
///   nothing is known; nobody may be let in or signed out because of it.
/// - Creating is apart from updating: no method but ``create(_:replacing:policy:)`` brings a session to life, and
///   nothing revives one that has ended.
/// - Methods return only when the change would survive a crash, except ``create(_:policy:)`` of a pending login and
///   ``touch(_:policy:)``, which may lose the last moment.
/// - A policy with a ``SessionPolicy/tenantID`` makes sessions and logins of other tenants as good as missing: the store
///   tests it where it finds them, not the caller.
/// - Ids and tokens never appear in errors or logs.
public protocol SessionStore: Sendable {
    /// Creates a session under an id that was chosen beforehand, in one atomic step.
    ///
    /// With a subject, the step holds ``SessionPolicy/maximumSessionsPerUser`` against any number of simultaneous
    /// logins on any replica: the oldest active sessions of the user beyond it are revoked with
    /// ``SessionEndReason/sessionLimit``; expired and revoked ones neither count nor change. `replacing` is ended in
    /// the same step with ``SessionEndReason/replaced``.
    /// - Returns: The session; nil only when `replacing` was required to be alive at a revision and wasn't, or when the
    ///   provider has ended the login, its session or its user since the ID token was issued: a notice that ``endByProvider(_:policy:)`` remembers
    ///   is about it.
    /// - Throws: ``SessionError/Code/outcomeUnknown`` when it may or may not have been created: read it to know.
    func create(
        _ session: NewSession,
        replacing: ReplacedSession?,
        policy: SessionPolicy
    ) async throws(SessionError) -> Session?

    /// The session, if it is alive.
    ///
    /// A session whose sealed values can't be opened counts as none; it is reported once and not deleted.
    func session(
        _ id: SessionID,
        detail: SessionDetail,
        policy: SessionPolicy
    ) async throws(SessionError) -> Session?

    /// Changes a live session, attribute by attribute; nil when it isn't alive.
    ///
    /// The subject isn't changed here: see ``SessionManager/updateSession(_:_:)``.
    func update(
        _ id: SessionID,
        _ update: SessionUpdate,
        policy: SessionPolicy
    ) async throws(SessionError) -> Session?

    /// Deletes a session that isn't revoked, in whatever state, and answers what it leaves behind; nil when there is
    /// none.
    ///
    /// The tokens are those of the moment of its end: of a refresh at the same time, either they are the new ones, or
    /// ``completeRefresh(_:fence:_:policy:)`` answers nil. Values that can't be opened are left out.
    func end(_ id: SessionID, policy: SessionPolicy) async throws(SessionError) -> EndedSession?

    /// Remembers a provider's notice and deletes the sessions that it names, all or nothing, if it didn't come before.
    ///
    /// - The notice's session, if it names one: sessions with that `providerSessionID` of that issuer and tenant.
    /// - Its user's sessions otherwise; beside a session, those of the user without a `providerSessionID`.
    /// - Of the latter not those whose ID token was issued in a later second than the notice. The notice's session is over
    ///   for good: a code of its may be exchanged later.
    ///
    /// ``create(_:replacing:policy:)`` and this come one after the other: no login that the notice is about is stored
    /// at the same moment and overlooked.
    func endByProvider(_ notice: LogoutNotice, policy: SessionPolicy) async throws(SessionError) -> BackChannelOutcome

    /// Ends a session but keeps its row, without tokens, for the retention period; false when it wasn't alive.
    ///
    /// `by` goes into the audit trail, here and below.
    func revoke(
        _ session: SessionHandle,
        reason: SessionEndReason,
        by: Requester?,
        policy: SessionPolicy
    ) async throws(SessionError) -> Bool

    /// Revokes the live sessions of a user but one, and returns how many.
    func revokeAll(
        of user: UserKey,
        except: SessionID?,
        reason: SessionEndReason,
        by: Requester?,
        policy: SessionPolicy
    ) async throws(SessionError) -> Int

    /// Ends one batch of the sessions that a filter names, the oldest first, starting behind `after`.
    ///
    /// Whether a session matches is judged again as it is ended: one that was used or extended meanwhile, so that it
    /// doesn't match any more, is left alone; one that somebody is changing is waited for. A dry run ends nothing and
    /// counts everything at once.
    func endSessions(
        matching filter: SessionFilter,
        mode: SessionEnding,
        after: SessionPage.Cursor?,
        limit: Int,
        isDryRun: Bool,
        policy: SessionPolicy
    ) async throws(SessionError) -> EndedBatch

    /// Moves `lastAccessedAt` of live sessions forward where it is older than the update age; returns how many.
    func touch(_ touches: [SessionTouch], policy: SessionPolicy) async throws(SessionError) -> Int

    /// Takes the lease on the refresh of a live session's tokens, in one atomic step, if a refresh is needed, nobody
    /// holds the lease, and the time of the next attempt has come.
    ///
    /// Of any number of callers, on any replica, one gets it, with a fence that is larger than every one before. A lease
    /// that ran out without a word from its holder is abandoned: the refresh token may have been spent, and a provider
    /// that notices a second use takes back all tokens (RFC 9700 section 4.14.2). So it is taken over only once the
    /// access token has ended, when there is nothing left to lose, and only once: when that holder isn't heard of
    /// either, the answer is ``RefreshLeaseAnswer/lost(fence:)``.
    func acquireRefreshLease(
        _ id: SessionID,
        _ request: RefreshLeaseRequest,
        policy: SessionPolicy
    ) async throws(SessionError) -> RefreshLeaseAnswer

    /// Makes a lease last for a duration from now; false when the session has ended or the fence isn't the latest.
    func renewRefreshLease(
        _ id: SessionID,
        fence: Int64,
        duration: Duration,
        policy: SessionPolicy
    ) async throws(SessionError) -> Bool

    /// Writes the result of a refresh and gives the lease back, if the session is alive and the fence is the latest.
    ///
    /// A lease that ran out but that nobody took over is good enough. Nil means that the tokens are to be dropped.
    func completeRefresh(
        _ id: SessionID,
        fence: Int64,
        _ update: SessionUpdate,
        policy: SessionPolicy
    ) async throws(SessionError) -> Session?

    /// Gives a lease back without a result; nothing happens when the fence isn't the latest.
    ///
    /// - Parameters:
    ///   - retryAfter: Counts as a failure, and nobody on any replica gets the lease for so long; nil when nothing was
    ///     tried.
    ///   - refreshToken: The one to use next time, when the provider has replaced it all the same.
    func releaseRefreshLease(
        _ id: SessionID,
        fence: Int64,
        retryAfter: Duration?,
        refreshToken: Secret<String>?,
        policy: SessionPolicy
    ) async throws(SessionError)

    /// Revokes a live session with ``SessionEndReason/refreshFailed`` if the fence is the latest, and, where the verdict
    /// is ``RefreshVerdict/lost``, if that is still what ``acquireRefreshLease(_:_:policy:)`` would answer about the
    /// lease.
    func revokeAfterRefresh(
        _ id: SessionID,
        fence: Int64,
        verdict: RefreshVerdict,
        policy: SessionPolicy
    ) async throws(SessionError) -> Bool

    /// Remembers a started login under an id that was chosen beforehand.
    func create(
        _ login: NewPendingLogin,
        id: PendingLoginID,
        policy: SessionPolicy
    ) async throws(SessionError) -> PendingLogin

    /// Takes a started login out of the store, if it is there, not expired, and `state` is its state.
    ///
    /// Of any number of callers, on any replica, exactly one gets it. A wrong state takes nothing.
    func claim(_ id: PendingLoginID, state: String, policy: SessionPolicy) async throws(SessionError) -> PendingLogin?

    /// The live sessions of a user, the newest first.
    func sessions(of user: UserKey, policy: SessionPolicy) async throws(SessionError) -> [SessionSummary]

    /// A page of the sessions that a filter names, in whatever state, the newest first, starting behind `after`.
    func sessions(
        matching filter: SessionFilter,
        after: SessionPage.Cursor?,
        limit: Int,
        policy: SessionPolicy
    ) async throws(SessionError) -> SessionPage

    /// A session by its public name, in whatever state; nil when there is no row of it.
    func summary(_ session: SessionHandle, policy: SessionPolicy) async throws(SessionError) -> SessionSummary?

    /// Merges members into the profile of a user's live sessions, replaces their roles, or both; returns how many.
    ///
    /// The audit trail gets the names of the members, not their values.
    func updateUser(
        _ user: UserKey,
        profile: [String: JSONValue?],
        roles: [String]?,
        by: Requester?,
        policy: SessionPolicy
    ) async throws(SessionError) -> Int

    /// Counts everything, of one tenant or of all; reads the whole table.
    func statistics(tenantID: String?, policy: SessionPolicy) async throws(SessionError) -> SessionStatistics

    /// Revokes the oldest live sessions of a user beyond `maximum`; returns how many.
    func enforceLimit(
        of user: UserKey,
        maximum: Int,
        by: Requester?,
        policy: SessionPolicy
    ) async throws(SessionError) -> Int

    /// Runs `body` unless another cleaner, on any replica, is at it; then returns nil.
    ///
    /// Whoever holds the ``SessionCleaning`` is the only cleaner; when the store loses track of that, its methods fail.
    func withExclusiveCleaning<Result: Sendable>(
        _ body: @Sendable (any SessionCleaning) async throws(SessionError) -> Result
    ) async throws(SessionError) -> Result?

    /// Runs `body` unless another replica is at the same; then returns nil. Cleaning and counting go on side by side.
    func withExclusiveCounting<Result: Sendable>(
        _ body: @Sendable () async throws(SessionError) -> Result
    ) async throws(SessionError) -> Result?

    /// What the cleaners of all replicas did, and who cleans at the moment.
    func cleaningRecord(policy: SessionPolicy) async throws(SessionError) -> CleaningRecord

    /// Writes a row of the audit trail; `details` carries neither ids nor tokens.
    func audit(_ action: AuditAction, details: [String: JSONValue]) async throws(SessionError)
}

extension SessionStore {
    /// Deletes a session that isn't revoked; false when there is none.
    @discardableResult
    public func delete(_ id: SessionID, policy: SessionPolicy) async throws(SessionError) -> Bool {
        try await end(id, policy: policy) != nil
    }
}
