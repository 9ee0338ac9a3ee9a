public import Foundation
public import Secrets

/// What is to be remembered while the browser is at the provider.
public struct NewPendingLogin: Sendable {
    /// The `state` parameter; only its digest is stored.
    public var state: Secret<String>
    /// The nonce that the ID token must carry, sealed at rest.
    public var nonce: Secret<String>
    /// The PKCE verifier, sealed at rest.
    public var codeVerifier: Secret<String>
    /// The issuer that the browser was sent to (RFC 9207: the answer must come from it).
    public var issuer: String
    /// The configured name of the provider.
    public var provider: String
    /// The redirect URI of the request; the token request repeats it (RFC 6749 section 4.1.3).
    public var redirectURI: String
    /// Where the user wanted to go, already validated.
    public var returnTo: String
    /// The tenant; empty in a deployment without tenants.
    public var tenantID: String
    /// The `max_age` of the request, in whole seconds: the ID token must tell of a sign-in no longer ago.
    public var maximumAuthenticationAge: Duration?

    /// What is to be remembered.
    public init(
        state: Secret<String>,
        nonce: Secret<String>,
        codeVerifier: Secret<String>,
        issuer: String,
        provider: String,
        redirectURI: String,
        returnTo: String,
        tenantID: String = "",
        maximumAuthenticationAge: Duration? = nil
    ) {
        self.state = state
        self.nonce = nonce
        self.codeVerifier = codeVerifier
        self.issuer = issuer
        self.provider = provider
        self.redirectURI = redirectURI
        self.returnTo = returnTo
        self.tenantID = tenantID
        self.maximumAuthenticationAge = maximumAuthenticationAge
    }
}

/// A login that was started and not yet finished.
///
/// It is no session and has no subject; the one that ``SessionManager/claimLogin(_:state:)`` hands out is gone from the
/// store, so whoever holds it is the only one who may redeem the code.
public struct PendingLogin: Sendable {
    /// The id that the browser's login cookie holds.
    public let id: PendingLoginID
    /// What was remembered.
    public let login: NewPendingLogin
    /// When it was started, by the store's clock.
    public let createdAt: Date
    /// When it can no longer be finished, by the store's clock.
    public let expiresAt: Date

    package init(id: PendingLoginID, login: NewPendingLogin, createdAt: Date, expiresAt: Date) {
        self.id = id
        self.login = login
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// The `state` parameter.
    public var state: Secret<String> { login.state }
    /// The nonce.
    public var nonce: Secret<String> { login.nonce }
    /// The PKCE verifier.
    public var codeVerifier: Secret<String> { login.codeVerifier }
    /// The issuer that the browser was sent to.
    public var issuer: String { login.issuer }
    /// The configured name of the provider.
    public var provider: String { login.provider }
    /// The redirect URI of the request.
    public var redirectURI: String { login.redirectURI }
    /// Where the user wanted to go.
    public var returnTo: String { login.returnTo }
    /// The tenant.
    public var tenantID: String { login.tenantID }
    /// The `max_age` of the request.
    public var maximumAuthenticationAge: Duration? { login.maximumAuthenticationAge }
}
