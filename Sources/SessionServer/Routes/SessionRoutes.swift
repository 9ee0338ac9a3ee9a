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
    /// What the administrators' and the schedulers' routes look at: the sessions of all tenants that there are.
    let administration: SessionManager
    /// Of the process's other tenants: a provider's logout may be about their sessions as well.
    let otherTenants: [LoginFlow]
    let jar: CookieJar
    let acceptsFormPost: Bool
    let guards: [BearerSurface: BearerGuard]

    /// Routes for a flow.
    ///
    /// - Parameter administration: The manager behind the administrators' and the schedulers' routes; nil takes the flow's,
    ///   which in a process of several tenants would be that of one.
    /// - Parameter otherTenants: The flows of the process's other tenants: what a provider posts to `/backchannel-logout`
    ///   ends sessions at every tenant that shares the client.
    /// - Throws: ``LoginError/Code/misconfigured`` when the settings don't go together: a provider that answers by form
    ///   post needs https, because browsers send a cookie with a cross-site POST only when it is `Secure`.
    public init(
        flow: LoginFlow,
        settings: ServerSettings,
        administration: SessionManager? = nil,
        otherTenants: [LoginFlow] = []
    ) throws(LoginError) {
        self.flow = flow
        self.otherTenants = otherTenants
        self.settings = settings
        self.administration = administration ?? flow.manager
        self.jar = CookieJar(settings: settings, policy: flow.manager.policy)
        self.acceptsFormPost = flow.providers.all.contains { $0.configuration.options.responseMode == .formPost }
        let tokens: [BearerSurface: BearerTokens?] = [.admin: settings.adminTokens, .cron: settings.cronSecrets]
        self.guards = tokens.compactMapValues { $0 }
            .reduce(into: [:]) { $0[$1.key] = BearerGuard(surface: $1.key, tokens: $1.value) }
        guard settings.baseURL.isSecure || !acceptsFormPost else {
            throw LoginError(.misconfigured, "response mode form_post needs a base URL with https")
        }
        try Self.checkRedirectURIs(flow.providers, at: settings.baseURL)
    }

    /// Of several providers each must have its own, or one could pass its answers off as another's (RFC 9700
    /// section 4.4.2.2).
    private static func checkRedirectURIs(
        _ providers: ProviderRegistry,
        at baseURL: BaseURL
    ) throws(LoginError) {
        var taken: Set<String> = []
        for provider in providers.all.map(\.configuration) {
            let possible = [baseURL.redirectURI, baseURL.redirectURI(of: provider.name)]
            guard possible.contains(where: provider.redirectURI.hasSameBytes) else {
                let wanted = providers.names.count == 1 ? possible[0] : possible.joined(separator: " or ")
                throw LoginError(.misconfigured, "the redirect URI of \(provider.name) must be \(wanted)")
            }
            guard taken.insert(provider.redirectURI).inserted else {
                throw LoginError(
                    .misconfigured,
                    "the redirect URI of \(provider.name) must be \(possible[1]): another provider has \(possible[0])"
                )
            }
        }
    }

    /// Adds `/login`, `/callback`, `/logout`, `/logged-out`, `/backchannel-logout`, `/session`, `/session/refresh` and the
    /// stylesheet of their pages; `/login/initiate` with ``ServerSettings/allowsThirdPartyLogin``.
    public func addLoginRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        add(loginEndpoints, to: router)
    }

    /// Adds `/sessions` and what is below it: a user's own sessions, and the ways to end them.
    public func addOwnSessionsRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        add(ownSessionsEndpoints, to: router)
    }

    /// Adds the start page, `/`: who is signed in, and the ways in and out.
    public func addStartPage<Context: RequestContext>(to router: some RouterMethods<Context>) {
        add(startEndpoints, to: router)
    }

    /// Adds the administrators' routes, `/api/admin/sessions` and what is below it, and the older
    /// `/api/auth/admin/sessions/…`; none without ``ServerSettings/adminTokens``.
    public func addAdminRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        add(adminEndpoints, to: router)
    }

    /// Adds `/api/cron/cleanup-sessions`, which schedulers call; nothing without ``ServerSettings/cronSecrets``.
    public func addCronRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        add(cronEndpoints, to: router)
    }

    /// Adds `/health/live` (this process), `/health/ready` (this process and its database), and `/openapi.json`.
    public func addHealthRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        add(healthEndpoints, to: router)
    }

    /// The middleware that finds the session of each request.
    ///
    /// - Parameters:
    ///   - detail: ``SessionDetail/full`` when handlers need the tokens.
    ///   - refreshing: Whether handlers need an access token that is good: the session comes with its tokens, refreshed
    ///     when they are about to end, and a request waits for that. When the access token has ended and the provider
    ///     gives no new one, the answer is 503 and the handler doesn't run. As `LoginFlow.freshSession` otherwise.
    public func attachSession<Context: SessionRequestContext>(
        _ context: Context.Type = Context.self,
        detail: SessionDetail = .identity,
        refreshing: Bool = false
    ) -> AttachSession<Context> {
        AttachSession(routes: self, detail: detail, refreshing: refreshing)
    }

    /// The middleware that lets only signed-in users through; put it behind ``attachSession(_:detail:refreshing:)``.
    public func requireSession<Context: SessionRequestContext>(
        _ context: Context.Type = Context.self
    ) -> RequireSession<Context> {
        RequireSession(routes: self)
    }
}
