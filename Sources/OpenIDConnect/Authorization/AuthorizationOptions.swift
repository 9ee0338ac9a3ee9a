/// What one login may ask for beyond the configuration.
public struct AuthorizationOptions: Sendable, Hashable {
    /// `login_hint`: whom the provider should offer first.
    ///
    /// It may come from a stranger's link: one beyond 256 bytes, or with control characters, is left out.
    public var loginHint: String?

    /// `prompt`: `none`, `login`, `consent` or `select_account`, or several of them.
    public var prompt: [String]

    /// `max_age`; nil takes the configuration's.
    ///
    /// Give the same value to the exchange.
    public var maximumAuthenticationAge: Duration?

    /// `ui_locales`, best first.
    public var uiLocales: [String]

    /// Creates options; without arguments a login as configured.
    public init(
        loginHint: String? = nil,
        prompt: [String] = [],
        maximumAuthenticationAge: Duration? = nil,
        uiLocales: [String] = []
    ) {
        self.loginHint = loginHint
        self.prompt = prompt
        self.maximumAuthenticationAge = maximumAuthenticationAge
        self.uiLocales = uiLocales
    }
}
