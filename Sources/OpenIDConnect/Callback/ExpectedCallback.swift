public import Secrets

/// What was remembered about the login that a callback claims to finish.
public struct ExpectedCallback: Sendable {
    /// The state that was sent.
    public let state: Secret<String>
    /// The issuer that the login was started at.
    public let issuer: String
    /// The redirect URI that was sent.
    public let redirectURI: String

    /// Creates the expectation from the stored login.
    public init(state: Secret<String>, issuer: String, redirectURI: String) {
        self.state = state
        self.issuer = issuer
        self.redirectURI = redirectURI
    }
}
