/// What an authorization code stands for until it is exchanged.
struct AuthorizationCode: Sendable {
    var request: AuthorizationRequest
    var session: ProviderSession
    /// Seconds since 1970.
    var expiresAt: Int
    /// Set by the exchange: the same code again revokes this grant (RFC 6749, section 4.1.2).
    var grantID: String?
}

/// A page that waits for an answer from the browser that it was shown to.
struct Question: Sendable {
    enum Subject: Sendable {
        case consent(AuthorizationRequest)
        case signOut(SignOutRequest)
    }

    var subject: Subject
    /// Digest of the cookie of the browser: another site can't answer in its place.
    var browser: String
    /// Seconds since 1970.
    var expiresAt: Int
}
