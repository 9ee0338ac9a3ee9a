/// What a link to `/login` may ask of the provider, when ``ServerSettings/loginParameters`` has it.
///
/// Anybody can make such a link, so none of them weakens what the configuration demands: prompts are added to its own,
/// and of two ages the shorter holds.
public struct LoginParameter: Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// The name in the query.
    public let name: String

    private init(_ name: String) { self.name = name }

    /// The name.
    public var description: String { name }

    /// Whom the provider offers first.
    public static let loginHint = LoginParameter("login_hint")
    /// `login`, `consent` or `select_account`; `none`, which shows nobody anything, is left out.
    public static let prompt = LoginParameter("prompt")
    /// How many seconds ago the user may have signed in at the provider, at most a year.
    public static let maximumAge = LoginParameter("max_age")
    /// The languages of the provider's pages.
    public static let uiLocales = LoginParameter("ui_locales")

    /// All of them.
    public static let allCases: [LoginParameter] = [.loginHint, .prompt, .maximumAge, .uiLocales]
}
