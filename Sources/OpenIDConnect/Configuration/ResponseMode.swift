/// How the provider hands the authorization response to the browser; a code that comes otherwise is refused.
public enum ResponseMode: String, Sendable, Hashable, CaseIterable {
    /// In the query of the redirect URI; the default of the code flow.
    case query
    /// As a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    case formPost = "form_post"
}
