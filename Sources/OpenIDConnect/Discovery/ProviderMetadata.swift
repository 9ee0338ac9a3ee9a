/// What a provider says about itself (Discovery section 3), reduced to what this client uses.
///
/// Every endpoint has been checked to be https, or http on a loopback host when the issuer itself is one.
public struct ProviderMetadata: Sendable, Hashable {
    /// The issuer, byte for byte the configured one.
    public let issuer: String
    /// Where the browser goes to sign in.
    public let authorizationEndpoint: String
    /// Where the code is exchanged.
    public let tokenEndpoint: String
    /// Where the signing keys are.
    public let jwksURI: String
    /// Where further claims are.
    public let userInfoEndpoint: String?
    /// Where the browser goes to sign out of the provider.
    public let endSessionEndpoint: String?
    /// Where tokens can be revoked (RFC 7009).
    public let revocationEndpoint: String?
    /// Where authorization requests can be pushed to (RFC 9126).
    public let pushedAuthorizationEndpoint: String?
    /// Whether the provider takes no authorization request that was not pushed.
    public let requiresPushedAuthorization: Bool
    /// How clients may authenticate at the token endpoint; nil when the provider does not say, which means
    /// `client_secret_basic`.
    public let tokenEndpointAuthenticationMethods: [String]?
    /// The algorithms of client assertions; nil when the provider does not say.
    public let tokenEndpointAuthenticationAlgorithms: [String]?
    /// The algorithms of DPoP proofs (RFC 9449 section 5.1); nil when the provider does not say that it takes any.
    public let dpopAlgorithms: [String]?
    /// The algorithms of signed userinfo; nil when the provider does not say.
    public let userInfoSigningAlgorithms: [String]?
    /// The values of `acr` that the provider knows; nil when it does not say.
    public let authenticationContexts: [String]?
    /// The algorithms of ID tokens.
    public let idTokenSigningAlgorithms: [String]
    /// The PKCE methods; nil when the provider does not say.
    public let codeChallengeMethods: [String]?
    /// Whether every authorization response carries `iss` (RFC 9207).
    public let promisesIssuerInResponse: Bool
    /// Whether the provider sends back-channel logout tokens.
    public let supportsBackChannelLogout: Bool
}
