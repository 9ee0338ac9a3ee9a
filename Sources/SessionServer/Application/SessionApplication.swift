public import Hummingbird
public import Logging
public import LoginFlow
public import ServiceLifecycle

/// The whole public server: every route of this module, with limits, logs, metrics and error pages around them.
///
/// At graceful shutdown it accepts no more connections and lets the requests under way finish.
public struct SessionApplication: Service {
    /// The Hummingbird application, for tests and for whoever adds to it.
    public let application: Application<RouterResponder<BasicSessionRequestContext>>
    private let drainTimeout: Duration

    /// Builds the server.
    ///
    /// - Parameter isOpen: asked before each request; while it is false everything but `/health/live` is 503.
    /// - Throws: ``LoginError/Code/misconfigured``, as ``SessionRoutes/init(flow:settings:)``.
    public init(
        flow: LoginFlow,
        settings: ServerSettings,
        listener: ListenerConfiguration = ListenerConfiguration(),
        logger: Logger,
        isOpen: @escaping @Sendable () -> Bool = { true }
    ) throws(LoginError) {
        let routes = try SessionRoutes(flow: flow, settings: settings)
        let router = Router(context: BasicSessionRequestContext.self)
        router.add(middleware: RequestObserver())
        router.add(middleware: ErrorResponses(routes: routes))
        router.add(middleware: HeaderLimits())
        router.add(middleware: Admission(isOpen: isOpen))
        routes.addLoginRoutes(to: router)
        routes.addOwnSessionsRoutes(to: router)
        routes.addStartPage(to: router)
        routes.addHealthRoutes(to: router)
        routes.addAdminRoutes(to: router)
        routes.addCronRoutes(to: router)
        self.application = Application(router: router, listener: listener, logger: logger)
        self.drainTimeout = listener.drainTimeout
    }

    /// Serves until graceful shutdown or cancellation.
    public func run() async throws {
        try await application.run(drainingFor: drainTimeout)
    }
}
