public import OpenIDConnect

/// A client as registered at the provider.
public struct ScriptedClient: Sendable {
    /// The client id.
    public var id = "client-1"
    /// The secret; unused by a public client.
    public var secret = "s3cret"
    /// The only way that this client may authenticate: `client_secret_basic`, `client_secret_post`,
    /// `client_secret_jwt`, `private_key_jwt` or `none`.
    public var authenticationMethod = "client_secret_basic"
    /// The registered key of `private_key_jwt`.
    public var publicKey: [String: JSONValue] = [:]
    /// The audience that its assertions must name; nil is the issuer.
    public var assertionAudience: String?
    /// Whether its authorization requests must be pushed.
    public var pushesRequests = false
    /// Whether its tokens must be bound to a key.
    public var bindsTokens = false
    /// What its userinfo is signed with; nil sends plain JSON.
    public var userInfoAlgorithm: String?
    /// The registered redirect URIs, compared exactly.
    public var redirectURIs = ["https://app.example/callback", "https://app.example/callback/other1"]
    /// The registered post-logout redirect URIs, compared exactly.
    public var postLogoutRedirectURIs = ["https://app.example/logged-out"]

    /// Whether it has a secret at all.
    public var hasSecret: Bool { authenticationMethod.hasPrefix("client_secret") }

    /// A confidential client with the defaults above.
    public init() {}
}
