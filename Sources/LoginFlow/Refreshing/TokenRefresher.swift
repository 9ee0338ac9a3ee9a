import Decision
import Logging
import OpenIDConnect
import Secrets
import Sessions
import Synchronization

/// Keeps the tokens of sessions fresh: one exchange for any number of requests, in this process and on all replicas.
///
/// Within the process, whoever comes while a session is being refreshed waits for the same result. Between replicas the
/// lease in the session's row decides; who doesn't get it looks at the row until the result is there. The exchange goes
/// on when the request that caused it goes away: a refresh token that was sent is spent, and its successor must be kept.
///
/// Run it as a service after the database client and the HTTP transport: at graceful shutdown it waits for the
/// exchanges that are under way, and for tokens that are being taken back. Without that, everything else works.
public final class TokenRefresher: Sendable {
    struct State: Sendable {
        var flights: [SessionID: Flight] = [:]
        /// Until when, by ``clock``, a session that is only read starts nothing.
        var quiet: [SessionID: Duration] = [:]
    }

    /// One refresh under way.
    struct Flight: Sendable {
        let task: Task<Void, Never>
        let landing: Decision<Result<Landing, LoginError>>
    }

    let manager: SessionManager
    let providers: ProviderRegistry
    let options: LoginFlow.Options
    let pacing: RefreshPacing
    let clock: MonotonicClock
    let logger: Logger
    /// Shared with the refreshers of other tenants.
    let work: ProviderWork
    let state = Mutex(State())

    init(
        manager: SessionManager,
        providers: ProviderRegistry,
        options: LoginFlow.Options,
        pacing: RefreshPacing,
        work: ProviderWork,
        clock: MonotonicClock,
        logger: Logger
    ) {
        self.manager = manager
        self.providers = providers
        self.options = options
        self.pacing = pacing
        self.clock = clock
        self.logger = logger
        self.work = work
    }

    /// Takes back what comes for a session that is over.
    var revoker: TokenRevoker { work.revoker }

    /// Begins to take back what an ended session leaves behind; returns at once.
    func takeBack(_ session: EndedSession, at provider: RelyingParty) {
        guard let issuer = session.issuer, let subject = session.subject else { return }
        let user = UserKey(issuer: issuer, subject: subject)
        takeBack(session.refreshToken, of: user, at: provider)
    }

    /// Begins to take a refresh token of a user back, if there is one; returns at once.
    func takeBack(_ token: Secret<String>?, of user: UserKey, at provider: RelyingParty) {
        revoker.revoke(token, of: user, at: provider, asking: manager)
    }

    /// The provider that the session's tokens are from; nil when it isn't configured any more.
    func provider(of session: Session) -> RelyingParty? {
        guard session.subject != nil else { return nil }
        return providers.vouching(name: session.provider, issuer: session.issuer)
    }

    /// The session after a refresh, if one is needed and possible; nil when it has ended.
    ///
    /// - Throws: ``LoginError/Code/refreshUnavailable`` when there are no new tokens for now and the access token has
    ///   ended; ``LoginError/Code/storeUnavailable``.
    func refresh(
        _ session: Session,
        _ need: RefreshLeaseRequest.Need,
        for browser: BrowserState
    ) async throws(LoginError) -> Session? {
        guard session.refreshToken != nil, let provider = provider(of: session) else { return session }
        let start = clock.now()
        // A flight that others began may have had less need: then there is one more.
        for _ in 0..<3 {
            let (flight, isOwn) = flight(of: session.id, need, at: provider, for: browser)
            guard let result = await landing(of: flight) else {
                let elapsed = clock.now() - start
                return try usable(session, after: elapsed, retryAfter: .seconds(1)).get().session
            }
            let landing = try result.get()
            if case .fresh(let found) = landing, !isOwn, !found.meets(need) { continue }
            return landing.session
        }
        return session
    }

    /// Begins a refresh that nobody waits for, if one is needed and possible as far as the session tells.
    func refreshInBackground(_ session: Session, for browser: BrowserState) {
        guard session.isAccessTokenExpiring(within: options.refreshMargin), let provider = provider(of: session) else {
            return
        }
        let now = clock.now()
        let isWanted = state.withLock { $0.quiet[session.id].map { $0 <= now } ?? true }
        guard isWanted, work.beginRefresh(at: provider, atMost: pacing.maximumInBackground) else { return }
        let need = RefreshLeaseRequest.Need.expiring(within: options.refreshMargin)
        let (_, isOwn) = flight(of: session.id, need, at: provider, isCounted: true, for: browser)
        if !isOwn { work.endRefresh(at: provider) }
    }

    /// The flight of a session: the one that is in the air, or a new one.
    ///
    /// - Parameter isCounted: whether a new one is among ``work``'s refreshes already.
    private func flight(
        of id: SessionID,
        _ need: RefreshLeaseRequest.Need,
        at provider: RelyingParty,
        isCounted: Bool = false,
        for browser: BrowserState
    ) -> (flight: Flight, isOwn: Bool) {
        state.withLock { state in
            if let flight = state.flights[id] { return (flight, false) }
            if !isCounted { _ = work.beginRefresh(at: provider) }
            let landing = Decision<Result<Landing, LoginError>>()
            let task = Task {
                let result = await self.fly(id, need, for: browser)
                self.work.endRefresh(at: provider)
                self.land(id, result)
                landing.settle(result)
            }
            let flight = Flight(task: task, landing: landing)
            state.flights[id] = flight
            return (flight, true)
        }
    }

    private func land(_ id: SessionID, _ result: Result<Landing, LoginError>) {
        let now = clock.now()
        state.withLock { state in
            state.flights[id] = nil
            if case .success(.refreshed) = result {
                state.quiet[id] = nil
                return
            }
            if state.quiet.count >= 10_000 { state.quiet = state.quiet.filter { $0.value > now } }
            if state.quiet.count < 10_000 { state.quiet[id] = now + pacing.quiet }
        }
    }

    /// The result of a flight; nil when it takes longer than a request waits, or the request has gone away.
    private func landing(of flight: Flight) async -> Result<Landing, LoginError>? {
        await withTaskGroup(of: Result<Landing, LoginError>?.self) { group in
            group.addTask { await flight.landing.wait() }
            group.addTask {
                try? await self.clock.sleep(self.pacing.waitLimit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
