public import Logging
public import Sessions

/// The way from "sign in" to a session and back, without a word of HTTP.
///
/// Of each login it keeps nothing in memory: any replica can finish what another one started.
public struct LoginFlow: Sendable {
    /// Settings that have a default.
    public struct Options: Sendable {
        /// The claim whose strings become the session's roles.
        public var rolesClaim = "groups"
        /// Paths that nobody is sent to after a login, in lower case, such as `/login`.
        public var reservedPaths: Set<String> = ["/login", "/callback", "/logout", "/logged-out"]
        /// Whether tokens are refreshed at all; `SESSION_REFRESH`.
        public var refreshesTokens = true
        /// Tokens are refreshed so long before they end; `SESSION_REFRESH_MARGIN_SECONDS`.
        public var refreshMargin: Duration = .seconds(30)

        /// Creates the defaults.
        public init() {}
    }

    /// Where the sessions are; those of one tenant, if it is scoped to one (`SessionManager.scoped(to:)`).
    public let manager: SessionManager
    /// Where users may sign in.
    public let providers: ProviderRegistry
    /// The settings.
    public let options: Options
    /// What keeps tokens fresh: run it as a service, so that a graceful shutdown waits for it.
    public let refresher: TokenRefresher
    let pacing: RevocationPacing
    let logger: Logger

    /// Joins providers and sessions.
    ///
    /// - Parameter work: What the flows of a process share, so that their bounds hold together; nil: nothing.
    public init(
        manager: SessionManager,
        providers: ProviderRegistry,
        options: Options = Options(),
        sharing work: ProviderWork? = nil,
        logger: Logger
    ) {
        self.init(
            manager: manager,
            providers: providers,
            options: options,
            sharing: work,
            logger: logger,
            pacing: RefreshPacing(),
            revocationPacing: RevocationPacing(),
            clock: ContinuousClock()
        )
    }

    /// The same at another pace, by another clock.
    package init(
        manager: SessionManager,
        providers: ProviderRegistry,
        options: Options = Options(),
        sharing work: ProviderWork? = nil,
        logger: Logger,
        pacing: RefreshPacing,
        revocationPacing: RevocationPacing = RevocationPacing(),
        clock: some Clock<Duration>
    ) {
        self.manager = manager
        self.providers = providers
        self.options = options
        self.pacing = revocationPacing
        self.logger = logger
        let clock = MonotonicClock(clock)
        self.refresher = TokenRefresher(
            manager: manager,
            providers: providers,
            options: options,
            pacing: pacing,
            work: work ?? ProviderWork(logger: logger, pacing: revocationPacing, clock: clock),
            clock: clock,
            logger: logger
        )
    }

    /// A destination after login, or the start page when it isn't one of ours.
    public func returnTo(_ candidate: String?) -> ReturnTo {
        candidate.flatMap { ReturnTo($0, reserved: options.reservedPaths) } ?? .root
    }
}
