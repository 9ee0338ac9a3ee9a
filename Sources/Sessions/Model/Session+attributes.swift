public import Foundation
public import Secrets

extension Session {
    /// The public name of the session.
    public var handle: SessionHandle { id.handle }
    /// The tenant; empty in a deployment without tenants.
    public var tenantID: String { attributes.tenantID }
    /// The issuer identifier of the provider that vouches for the subject.
    public var issuer: String? { attributes.issuer }
    /// The configured name of that provider.
    public var provider: String? { attributes.provider }
    /// The provider's `sid`.
    public var providerSessionID: String? { attributes.providerSessionID }
    /// The `sub` claim; nil while the session is anonymous.
    public var subject: String? { attributes.subject }
    /// The nonce of a login under way.
    public var nonce: Secret<String>? { attributes.nonce }
    /// The state of a login under way.
    public var state: Secret<String>? { attributes.state }
    /// The PKCE verifier of a login under way.
    public var codeVerifier: Secret<String>? { attributes.codeVerifier }
    /// The access token.
    public var accessToken: Secret<String>? { attributes.accessToken }
    /// The refresh token.
    public var refreshToken: Secret<String>? { attributes.refreshToken }
    /// The ID token.
    public var idToken: Secret<String>? { attributes.idToken }
    /// When the access token ends, by the provider's word.
    public var accessTokenExpiresAt: Date? { attributes.accessTokenExpiresAt }
    /// The browser's `User-Agent`.
    public var userAgent: String? { attributes.userAgent }
    /// The browser's address.
    public var ipAddress: String? { attributes.ipAddress }
    /// A name for the device.
    public var deviceLabel: String? { attributes.deviceLabel }
    /// Claims about the user.
    public var profile: [String: JSONValue] { attributes.profile }
    /// Roles or groups.
    public var roles: [String] { attributes.roles }

    /// Whose session it is; nil while it is anonymous.
    public var user: UserKey? {
        subject.map { UserKey(tenantID: tenantID, issuer: issuer ?? "", subject: $0) }
    }
}
