public import Foundation
public import Secrets

/// The outcome of a login at the provider: who it is, and the tokens that came with it.
public struct AuthenticatedLogin: Sendable {
    /// The user.
    public var user: UserKey
    /// The configured name of the provider.
    public var provider: String?
    /// The provider's `sid`, when its ID token carries one.
    public var providerSessionID: String?
    /// The access token.
    public var accessToken: Secret<String>?
    /// The refresh token.
    public var refreshToken: Secret<String>?
    /// The ID token.
    public var idToken: Secret<String>?
    /// When the provider issued the ID token, by its clock: a logout that it issued earlier isn't about this login.
    public var idTokenIssuedAt: Date?
    /// When the access token ends, by the provider's word.
    public var accessTokenExpiresAt: Date?
    /// The browser's `User-Agent`, cut to 512 characters.
    public var userAgent: String?
    /// The browser's address.
    public var ipAddress: String?
    /// A name for the device that a person recognises.
    public var deviceLabel: String?
    /// Claims about the user that the application wants at hand.
    public var profile: [String: JSONValue] = [:]
    /// Roles or groups.
    public var roles: [String] = []

    /// A login of a user; assign what else there is.
    public init(user: UserKey) {
        self.user = user
    }

    var attributes: SessionAttributes {
        var attributes = SessionAttributes(tenantID: user.tenantID)
        attributes.issuer = user.issuer
        attributes.subject = user.subject
        attributes.provider = provider
        attributes.providerSessionID = providerSessionID
        attributes.accessToken = accessToken
        attributes.refreshToken = refreshToken
        attributes.idToken = idToken
        attributes.accessTokenExpiresAt = accessTokenExpiresAt
        attributes.userAgent = userAgent
        attributes.ipAddress = ipAddress
        attributes.deviceLabel = deviceLabel
        attributes.profile = profile
        attributes.roles = roles
        return attributes
    }
}
