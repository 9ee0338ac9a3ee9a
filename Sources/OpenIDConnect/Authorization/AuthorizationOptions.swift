/// What one login may ask for beyond the configuration.
public struct AuthorizationOptions: Sendable, Hashable {
    /// `login_hint`: whom the provider should offer first.
    ///
    /// It may come from a stranger's link: one beyond 256 bytes, or with control characters, is left out.
    public var loginHint: String?

    /// `prompt`: `none`, `login`, `consent` or `select_account`, or several of them; empty takes the configuration's.
    public var prompt: [String]

    /// `max_age`; nil takes the configuration's.
    ///
    /// Give the same value to the exchange.
    public var maximumAuthenticationAge: Duration?

    /// `acr_values`, best first, of which the ID token's `acr` must be one; nil takes the configuration's.
    ///
    /// Where the configuration has some, they must be among those. Give the same value to the exchange.
    public var requiredAuthenticationContexts: [String]?

    /// `ui_locales`, best first.
    public var uiLocales: [String]

    /// Creates options; without arguments a login as configured.
    public init(
        loginHint: String? = nil,
        prompt: [String] = [],
        maximumAuthenticationAge: Duration? = nil,
        requiredAuthenticationContexts: [String]? = nil,
        uiLocales: [String] = []
    ) {
        self.loginHint = loginHint
        self.prompt = prompt
        self.maximumAuthenticationAge = maximumAuthenticationAge
        self.requiredAuthenticationContexts = requiredAuthenticationContexts
        self.uiLocales = uiLocales
    }
}
