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

    /// The name of the cookie by which a browser that comes back from the provider's logout is known; `__Host-` is put
    /// before it on https.
    public var logoutCookieName = "oidc_logout"

    /// What a link to `/login` may ask of the provider; by default nothing.
    ///
    /// `OIDC_LOGIN_PARAMETERS`.
    public var loginParameters: Set<LoginParameter> = []

    /// Whether logins may begin at a third party, at `/login/initiate` (Core section 4).
    ///
    /// `OIDC_THIRD_PARTY_LOGIN`.
    public var allowsThirdPartyLogin = false

    /// What browsers are told to throw away at sign-out, besides our cookies: `cache`, `cookies` and `storage` of the
    /// whole origin (`Clear-Site-Data`); by default nothing, for the origin may be shared with an application.
    public var clearedAtSignOut: [String] = []

    /// How many started logins a browser is remembered to have, at least 1; the oldest gives way.
    public var maximumPendingLogins = 5

    /// The session cookie of the deployment whose table was migrated, so that its users stay signed in; nil for none.
    ///
    /// It is looked at when our own cookie is absent, and deleted at sign-out. Such a cookie has no `__Host-` prefix,
    /// so a sibling domain can plant one: take the setting out once the last of those sessions has ended.
    public var documentedSessionCookieName: String?

    /// What that cookie holds.
    public var documentedSessionCookieFormat = DocumentedCookieFormat.plain

    /// What opens `/api/admin` and `/api/auth/admin`; nil: there is nothing at these addresses.
    public var adminTokens: BearerTokens?

    /// What opens `/api/cron`; nil: there is nothing at these addresses.
    public var cronSecrets: BearerTokens?

    /// The proxies whose `X-Forwarded-For` is believed; by default none, and the client's address is the connection's.
    ///
    /// `TRUSTED_PROXIES`.
    public var trustedProxies = TrustedProxies.none

    /// Bounds the logins that one address starts; nil: nothing does.
    ///
    /// `LOGIN_RATE_PER_ADDRESS`.
    public var loginLimiter: LoginLimiter?

    /// How much of a browser's address is kept with its session.
    ///
    /// `SESSION_ADDRESS_STORAGE`.
    public var addressStorage = AddressStorage.full

    /// Settings for an origin.
    public init(baseURL: BaseURL) {
        self.baseURL = baseURL
    }
}
