public import Foundation
public import Logging
public import ServiceLifecycle

/// The way to sessions: creates, reads, changes and ends them, by one policy, in one store.
///
/// Every replica has its own manager; they share nothing but the store. Run it as a service: ``run()`` writes the
/// touches that reads leave behind and cleans up. Without that, everything else works, but sessions that are only read
/// go idle.
///
/// A method that finds no live session answers nil or false. An error means that the store failed: nobody may be let
/// in or told that they are signed out because of it (``SessionError/isTransient`` says whether to answer 503).
public final class SessionManager: Service, Sendable {
    /// How long things live.
    public let policy: SessionPolicy
    let store: any SessionStore
    let logger: Logger
    let clock: MonotonicClock
    private let wallClock: @Sendable () -> Date
    let touchWriter: TouchWriter
    let cleaner: Cleaner

    /// A manager over any store.
    /// - Parameters:
    ///   - store: Where the sessions are.
    ///   - policy: How long things live.
    ///   - logger: Gets a line for start, shutdown and each cleaning run, and nothing secret.
    ///   - clock: Paces the background work; lifetimes are judged by the store's clock.
    ///   - wallClock: Tells when the cleaner's schedules are due.
    public init(
        store: any SessionStore,
        policy: SessionPolicy = SessionPolicy(),
        logger: Logger,
        clock: some Clock<Duration> = ContinuousClock(),
        wallClock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.store = store
        self.policy = policy
        self.logger = logger
        self.wallClock = wallClock
        let monotonic = MonotonicClock(clock)
        self.clock = monotonic
        self.touchWriter = TouchWriter(store: store, policy: policy, logger: logger, clock: monotonic)
        self.cleaner = Cleaner(
            store: store,
            policy: policy,
            logger: logger,
            clock: monotonic,
            wallClock: wallClock
        )
    }

    /// A manager for which only one tenant's sessions exist, over the same store.
    ///
    /// It needs no running of its own: what its reads touch is written by this one, which has to be run, and whose
    /// cleaner cleans for all.
    public func scoped(to tenantID: String) -> SessionManager {
        SessionManager(self, tenantID: tenantID)
    }

    private init(_ parent: SessionManager, tenantID: String) {
        var policy = parent.policy
        policy.tenantID = tenantID
        self.store = parent.store
        self.policy = policy
        self.logger = parent.logger
        self.clock = parent.clock
        self.wallClock = parent.wallClock
        self.touchWriter = parent.touchWriter
        self.cleaner = Cleaner(
            store: parent.store,
            policy: policy,
            logger: parent.logger,
            clock: parent.clock,
            wallClock: parent.wallClock
        )
    }
}
