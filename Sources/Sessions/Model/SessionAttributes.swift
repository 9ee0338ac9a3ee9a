public import Foundation
public import Secrets

/// What a session is created with.
///
/// Without a subject the session is anonymous, as the documented system creates them before a login: it lives for
/// the idle lifetime. With one it is a signed-in session and counts towards the user's maximum.
public struct SessionAttributes: Sendable {
    /// The tenant; empty in a deployment without tenants.
    public var tenantID: String
    /// The issuer identifier of the provider that vouches for the subject.
    public var issuer: String?
    /// The configured name of that provider.
    public var provider: String?
    /// The provider's `sid` (OpenID Connect Back-Channel Logout 1.0 section 2.1).
    public var providerSessionID: String?
    /// The `sub` claim, at most 255 characters (OpenID Connect Core section 2).
    public var subject: String?
    /// The nonce of a login under way, sealed at rest.
    public var nonce: Secret<String>?
    /// The state of a login under way, sealed at rest.
    public var state: Secret<String>?
    /// The PKCE verifier of a login under way, sealed at rest.
    public var codeVerifier: Secret<String>?
    /// The access token, sealed at rest.
    public var accessToken: Secret<String>?
    /// The refresh token, sealed at rest.
    public var refreshToken: Secret<String>?
    /// The ID token, sealed at rest; kept as the hint for logout at the provider.
    public var idToken: Secret<String>?
    /// When the access token ends, by the provider's word.
    public var accessTokenExpiresAt: Date?
    /// The browser's `User-Agent`, cut to 512 characters.
    public var userAgent: String?
    /// The browser's address.
    public var ipAddress: String?
    /// A name for the device that a person recognises.
    public var deviceLabel: String?
    /// Claims about the user that the application wants at hand.
    public var profile: [String: JSONValue]
    /// Roles or groups.
    public var roles: [String]

    /// Attributes with everything unset; assign what there is.
    public init(tenantID: String = "") {
        self.tenantID = tenantID
        self.profile = [:]
        self.roles = []
    }

    /// What the documented system creates a session with before it sends the browser to the provider.
    public init(nonce: Secret<String>, state: Secret<String>, codeVerifier: Secret<String>) {
        self.init()
        self.nonce = nonce
        self.state = state
        self.codeVerifier = codeVerifier
    }
}
