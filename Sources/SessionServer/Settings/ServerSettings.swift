/// How the service appears to browsers.
public struct ServerSettings: Sendable {
    /// The public origin.
    public let baseURL: BaseURL

    /// What pages call the place that people sign in to.
    public var applicationName = "oidc-sessions"

    /// The name of the session cookie.
    ///
    /// On https the browser sees it with the prefix `__Host-`. Cookies don't know ports: on a loopback host it must
    /// differ from the names that the provider there uses.
    public var sessionCookieName = "oidc_session"

    /// What the names of login cookies begin with; `__Host-` is put before it on https.
    public var loginCookiePrefix = "oidc_login_"

    /// How many started logins a browser is remembered to have, at least 1; the oldest gives way.
    public var maximumPendingLogins = 5

    /// Whether ids that a deployment of the documented table issued before it was migrated are looked up too.
    public var acceptsDocumentedSessionIDs = false

    /// Settings for an origin.
    public init(baseURL: BaseURL) {
        self.baseURL = baseURL
    }
}
