public import Secrets

/// One provider as one client of it sees it, checked when it is made.
public struct ProviderConfiguration: Sendable {
    /// The settings that have a default.
    public struct Options: Sendable {
        /// Scopes to ask for; must contain `openid`.
        public var scopes: [String] = ["openid", "profile", "email"]

        /// How to authenticate at the provider's endpoints.
        ///
        /// Nil means ``ClientAuthenticationMethod/privateKeyJWT`` with a ``clientKey``, else what the metadata offers of
        /// the methods with a secret, Basic first.
        public var authenticationMethod: ClientAuthenticationMethod?

        /// The key for ``ClientAuthenticationMethod/privateKeyJWT``.
        public var clientKey: ClientSigningKey?

        /// Whom the assertions of ``ClientAuthenticationMethod/privateKeyJWT`` and
        /// ``ClientAuthenticationMethod/clientSecretJWT`` are for.
        public var assertionAudience = AssertionAudience.issuer

        /// Whether authorization requests are pushed to the provider beforehand (RFC 9126).
        public var pushedAuthorization = PushedAuthorization.automatic

        /// Binds every token to this key (DPoP, RFC 9449); nil asks for bearer tokens.
        ///
        /// All replicas need the same one: each refreshes and uses the tokens that any of them got.
        public var dpopKey: ClientSigningKey?

        /// Whether tokens may be taken back at the provider, if its metadata says where (RFC 7009).
        public var revokesTokens = true

        /// The algorithms that an ID token may be signed with.
        ///
        /// What the metadata offers narrows this, never widens it.
        public var allowedAlgorithms: [SigningAlgorithm] = SigningAlgorithm.standard

        /// How far the provider's clock may be off, below five minutes.
        public var clockSkew: Duration = .seconds(60)

        /// How long ago an ID token may have been issued when it arrives.
        public var maximumIDTokenAge: Duration = .seconds(3600)

        /// The response type; anything but `code` is refused (RFC 9700 section 2.1.2).
        public var responseType = "code"

        /// The response mode to ask for; nil leaves the parameter out, which means `query`.
        public var responseMode: ResponseMode?

        /// Whether to ask the userinfo endpoint after each login.
        public var usesUserInfo = false

        /// The algorithm that userinfo is signed with, as registered at the provider (Core section 5.3.2).
        ///
        /// A plain answer is refused then; nil refuses a signed one.
        public var userInfoSigningAlgorithm: SigningAlgorithm?

        /// Where the provider may send the browser after logout; must be registered there.
        public var postLogoutRedirectURI: String?

        /// Further static parameters of the authorization request; none that this module sets itself.
        public var authorizationParameters: [String: String] = [:]

        /// Sent as `max_age`; the login must then be no older than this.
        public var maximumAuthenticationAge: Duration?

        /// Sent as `acr_values`; the ID token's `acr` must then be one of them.
        public var requiredAuthenticationContexts: [String] = []

        /// Sent as `prompt`, unless a login brings its own: `login`, `consent`, `select_account` or `none`.
        public var prompt: [String] = []

        /// Audiences that an ID token may name besides this client.
        public var trustedAudiences: Set<String> = []

        /// The deadline of each request to the provider.
        public var requestTimeout: Duration = .seconds(10)

        /// Creates the defaults.
        public init() {}
    }

    /// What the application calls the provider; shown in lists and used in configuration.
    public let name: String

    /// The issuer identifier, byte for byte as the provider's metadata states it.
    public let issuer: String

    /// The client id.
    public let clientID: String

    /// The client secret; nil for a public client.
    public let clientSecret: Secret<String>?

    /// The redirect URI, byte for byte as registered.
    public let redirectURI: String

    /// Everything that has a default.
    public let options: Options

    /// Checks and keeps the settings.
    ///
    /// Plain http is accepted for issuer and redirect URI only on a loopback host (`localhost`, `127.0.0.0/8`,
    /// `[::1]`), which is what a development provider needs.
    ///
    /// - Throws: ``OpenIDConnectError/Code/invalidConfiguration`` with a message that names the setting.
    public init(
        name: String,
        issuer: String,
        clientID: String,
        clientSecret: Secret<String>?,
        redirectURI: String,
        options: Options = Options()
    ) throws(OpenIDConnectError) {
        self.name = name
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.redirectURI = redirectURI
        self.options = options
        try validate()
    }

    /// Scheme, host and port of the issuer: providers that have it in common are one host to the transport, whose
    /// connections are counted by host.
    package var issuerOrigin: String { CheckedURL(issuer)?.origin ?? issuer }
}
