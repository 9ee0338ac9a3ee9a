/// A client as registered at the provider.
public struct ScriptedClient: Sendable {
    /// The client id.
    public var id = "client-1"
    /// The secret; unused by a public client.
    public var secret = "s3cret"
    /// The only way that this client may authenticate: `client_secret_basic`, `client_secret_post` or `none`.
    public var authenticationMethod = "client_secret_basic"
    /// The registered redirect URIs, compared exactly.
    public var redirectURIs = ["https://app.example/callback"]
    /// The registered post-logout redirect URIs, compared exactly.
    public var postLogoutRedirectURIs = ["https://app.example/logged-out"]

    /// A confidential client with the defaults above.
    public init() {}
}
