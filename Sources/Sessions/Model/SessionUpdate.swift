public import Foundation
public import Secrets

/// A change to a session: what isn't mentioned stays as it is.
///
/// Two updates of different attributes at the same time are both kept: each becomes a change of its own columns, and
/// the profile is merged member by member.
public struct SessionUpdate: Sendable {
    /// What happens to one attribute.
    public enum Change<Value: Sendable>: Sendable {
        /// It stays as it is.
        case keep
        /// It becomes the value.
        case set(Value)
        /// It becomes unset.
        case clear
    }

    /// The `sub` claim: attaching one to an anonymous session is a login, and gives the session a new id.
    public var subject: String?
    /// The issuer that vouches for ``subject``; used only together with it.
    public var issuer: String?
    /// The nonce.
    public var nonce: Change<Secret<String>> = .keep
    /// The state.
    public var state: Change<Secret<String>> = .keep
    /// The PKCE verifier.
    public var codeVerifier: Change<Secret<String>> = .keep
    /// The access token.
    public var accessToken: Change<Secret<String>> = .keep
    /// The refresh token.
    public var refreshToken: Change<Secret<String>> = .keep
    /// The ID token.
    public var idToken: Change<Secret<String>> = .keep
    /// When the access token ends.
    public var accessTokenExpiresAt: Change<Date> = .keep
    /// The provider's `sid`.
    public var providerSessionID: Change<String> = .keep
    /// The browser's `User-Agent`.
    public var userAgent: Change<String> = .keep
    /// The browser's address.
    public var ipAddress: Change<String> = .keep
    /// A name for the device.
    public var deviceLabel: Change<String> = .keep
    /// Members to set in the profile; a nil value removes the member.
    public var profile: [String: JSONValue?] = [:]
    /// The new roles, all of them.
    public var roles: [String]?
    /// Whether this is a token refresh: moves the end to now plus ``SessionPolicy/refreshExtension``, within the
    /// absolute lifetime, and never brings it nearer.
    public var extendsLifetime = false

    /// A change of nothing; assign what changes.
    public init() {}

    /// What the documented system stores when the tokens have come.
    public init(accessToken: Secret<String>, subject: String? = nil) {
        self.accessToken = .set(accessToken)
        self.subject = subject
    }
}
