public import Secrets

/// An application that may send people to the development provider.
public struct DevelopmentClient: Sendable {
    /// The `client_id`.
    public var id: String
    /// What the client authenticates with at the token endpoint; nil for a public client (`none`).
    public var secret: Secret<String>?
    /// How the consent page calls the application.
    public var name: String
    /// Redirect URIs, compared character by character (RFC 9700, section 2.1).
    public var redirectURIs: [String]
    /// Where a sign-out may send the browser, compared character by character.
    public var postLogoutRedirectURIs: [String]

    /// Describes an application.
    public init(
        id: String,
        secret: Secret<String>?,
        name: String,
        redirectURIs: [String],
        postLogoutRedirectURIs: [String] = []
    ) {
        self.id = id
        self.secret = secret
        self.name = name
        self.redirectURIs = redirectURIs
        self.postLogoutRedirectURIs = postLogoutRedirectURIs
    }
}
