import HTTPTypes
public import Hummingbird
import Logging
public import LoginFlow
import OpenIDConnect
public import Sessions

/// Sign-in, sign-out and "who am I" for a Hummingbird router of any context.
///
/// ```swift
/// let routes = try SessionRoutes(flow: flow, settings: ServerSettings(baseURL: baseURL))
/// let router = Router(context: BasicSessionRequestContext.self)
/// routes.addLoginRoutes(to: router)
/// router.group()
///     .add(middleware: routes.attachSession())
///     .add(middleware: routes.requireSession())
///     .get("/private") { request, context in "Hello, \(context.session?.subject ?? "")" }
/// ```
/// Answers are pages for those who ask for HTML and JSON for everybody else. Each route sets its own security headers.
public struct SessionRoutes: Sendable {
    /// What signs in and out.
    public let flow: LoginFlow
    /// How the service appears.
    public let settings: ServerSettings
    let jar: CookieJar
    let acceptsFormPost: Bool

    /// Routes for a flow.
    ///
    /// - Throws: ``LoginError/Code/misconfigured`` when the settings don't go together: a provider that answers by form
    ///   post needs https, because browsers send a cookie with a cross-site POST only when it is `Secure`.
    public init(flow: LoginFlow, settings: ServerSettings) throws(LoginError) {
        self.flow = flow
        self.settings = settings
        self.jar = CookieJar(settings: settings, policy: flow.manager.policy)
        self.acceptsFormPost = flow.providers.all.contains { $0.configuration.options.responseMode == .formPost }
        guard settings.baseURL.isSecure || !acceptsFormPost else {
            throw LoginError(.misconfigured, "response mode form_post needs a base URL with https")
        }
        for provider in flow.providers.all where provider.configuration.redirectURI != settings.baseURL.redirectURI {
            throw LoginError(
                .misconfigured,
                "the redirect URI of \(provider.configuration.name) must be \(settings.baseURL.redirectURI)"
            )
        }
    }

    /// Adds `/login`, `/callback`, `/logout`, `/logged-out`, `/session` and the stylesheet of their pages.
    public func addLoginRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        add(loginEndpoints, to: router)
    }

    /// Adds the start page, `/`: who is signed in, and the ways in and out.
    public func addStartPage<Context: RequestContext>(to router: some RouterMethods<Context>) {
        add(startEndpoints, to: router)
    }

    /// Adds `/health/live` (this process) and `/health/ready` (this process and its database).
    public func addHealthRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        add(healthEndpoints, to: router)
    }

    /// The middleware that finds the session of each request.
    ///
    /// - Parameter detail: ``SessionDetail/full`` when handlers need the tokens.
    public func attachSession<Context: SessionRequestContext>(
        _ context: Context.Type = Context.self,
        detail: SessionDetail = .identity
    ) -> AttachSession<Context> {
        AttachSession(routes: self, detail: detail)
    }

    /// The middleware that lets only signed-in users through; put it behind ``attachSession(_:detail:)``.
    public func requireSession<Context: SessionRequestContext>(
        _ context: Context.Type = Context.self
    ) -> RequireSession<Context> {
        RequireSession(routes: self)
    }

    var endpoints: [Endpoint] { loginEndpoints + startEndpoints + healthEndpoints }

    private var loginEndpoints: [Endpoint] {
        var endpoints = [
            Endpoint(.get, Paths.login, login),
            Endpoint(.get, Paths.callback, callbackByQuery),
            Endpoint(.get, Paths.logout, answersHead: true, confirmLogout),
            Endpoint(.post, Paths.logout, logout),
            Endpoint(.get, Paths.loggedOut, answersHead: true, confirmLogout),
            Endpoint(.get, Paths.session, answersHead: true, showSession),
            Endpoint(.get, Paths.stylesheet, answersHead: true, stylesheet),
        ]
        if acceptsFormPost { endpoints.append(Endpoint(.post, Paths.callback, callbackByForm)) }
        return endpoints
    }

    private var startEndpoints: [Endpoint] {
        [Endpoint(.get, Paths.start, answersHead: true, startPage)]
    }

    private var healthEndpoints: [Endpoint] {
        [
            Endpoint(.get, Paths.live, answersHead: true, live),
            Endpoint(.get, Paths.ready, answersHead: true, ready),
        ]
    }

    private func add<Context: RequestContext>(_ endpoints: [Endpoint], to router: some RouterMethods<Context>) {
        for endpoint in endpoints {
            for method in endpoint.methods {
                router.on(RouterPath(endpoint.path), method: method) { request, context in
                    await answer(request, context) { visit in
                        // A router that makes HEAD out of every GET must not finish a login by it.
                        guard endpoint.methods.contains(request.method) else {
                            throw ServerError.methodNotAllowed(self.endpoints.methods(at: endpoint.path))
                        }
                        return try await endpoint.handler(visit)
                    }
                }
            }
        }
    }
}
