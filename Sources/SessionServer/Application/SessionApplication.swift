public import Hummingbird
public import Logging
public import LoginFlow
public import ServiceLifecycle
public import Sessions

/// The whole public server: every route of this module, with limits, logs, metrics and error pages around them.
///
/// At graceful shutdown it accepts no more connections and lets the requests under way finish.
public struct SessionApplication: Service {
    /// The Hummingbird application, for tests and for whoever adds to it.
    public let application: Application<SiteResponder>
    private let drainTimeout: Duration

    /// Builds the server of one site, whatever host requests name.
    ///
    /// - Parameter isOpen: asked before each request; while it is false everything but `/health/live` is 503.
    /// - Throws: ``LoginError/Code/misconfigured``, as ``SessionRoutes/init(flow:settings:administration:)``.
    public init(
        flow: LoginFlow,
        settings: ServerSettings,
        listener: ListenerConfiguration = ListenerConfiguration(),
        logger: Logger,
        isOpen: @escaping @Sendable () -> Bool = { true }
    ) throws(LoginError) {
        let routes = try SessionRoutes(flow: flow, settings: settings)
        let responder = SiteResponder(
            byHost: [:],
            other: Self.site(routes, isOpen: isOpen),
            proxies: settings.trustedProxies
        )
        self.init(responder, listener: listener, logger: logger)
    }

    /// Builds the server of several tenants: the host that a request names, exactly as in one of the base URLs, says
    /// whose it is.
    ///
    /// A request for another host finds health checks and the routes that take a bearer token, which belong to the
    /// process and are there for every host; anything else is 421.
    /// - Parameters:
    ///   - tenants: One or more, on hosts of their own.
    ///   - administration: The manager of all tenants' sessions.
    ///   - isOpen: As for one site.
    /// - Throws: ``LoginError/Code/misconfigured``, as ``SessionRoutes/init(flow:settings:administration:)``, and when two
    ///   tenants have one host.
    public init(
        tenants: [TenantSite],
        administration: SessionManager,
        listener: ListenerConfiguration = ListenerConfiguration(),
        logger: Logger,
        isOpen: @escaping @Sendable () -> Bool = { true }
    ) throws(LoginError) {
        guard let first = tenants.first else { throw LoginError(.misconfigured, "there is no tenant") }
        var byHost: [String: SiteResponder.Site] = [:]
        for (index, tenant) in tenants.enumerated() {
            let others = tenants.enumerated().filter { $0.offset != index }.map(\.element.flow)
            let routes = try SessionRoutes(
                flow: tenant.flow,
                settings: tenant.settings,
                administration: administration,
                otherTenants: others
            )
            let site = Self.site(routes, isOpen: isOpen)
            for authority in tenant.settings.baseURL.authorities {
                guard byHost.updateValue(site, forKey: authority) == nil else {
                    throw LoginError(.misconfigured, "two tenants have the host \(authority)")
                }
            }
        }
        let routes = try SessionRoutes(flow: first.flow, settings: first.settings, administration: administration)
        let responder = SiteResponder(
            byHost: byHost,
            other: Self.process(routes, isOpen: isOpen),
            proxies: first.settings.trustedProxies
        )
        self.init(responder, listener: listener, logger: logger)
    }

    private init(_ responder: SiteResponder, listener: ListenerConfiguration, logger: Logger) {
        self.application = Application(responder: responder, listener: listener, logger: logger)
        self.drainTimeout = listener.drainTimeout
    }

    /// Everything that a site has.
    private static func site(_ routes: SessionRoutes, isOpen: @escaping @Sendable () -> Bool) -> SiteResponder.Site {
        let router = router(ErrorResponses(routes: routes), isOpen: isOpen)
        routes.addLoginRoutes(to: router)
        routes.addOwnSessionsRoutes(to: router)
        routes.addStartPage(to: router)
        routes.add(routes.processEndpoints, to: router)
        return router.buildResponder()
    }

    /// What belongs to no site.
    private static func process(_ routes: SessionRoutes, isOpen: @escaping @Sendable () -> Bool) -> SiteResponder.Site {
        let router = router(ErrorResponses(routes: routes, isMisdirected: true), isOpen: isOpen)
        routes.add(routes.processEndpoints, to: router)
        return router.buildResponder()
    }

    private static func router(
        _ errors: ErrorResponses<BasicSessionRequestContext>,
        isOpen: @escaping @Sendable () -> Bool
    ) -> Router<BasicSessionRequestContext> {
        let router = Router(context: BasicSessionRequestContext.self)
        router.add(middleware: RequestObserver())
        router.add(middleware: errors)
        router.add(middleware: HeaderLimits())
        router.add(middleware: Admission(isOpen: isOpen))
        return router
    }

    /// Serves until graceful shutdown or cancellation.
    public func run() async throws {
        try await application.run(drainingFor: drainTimeout)
    }
}
