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
}
