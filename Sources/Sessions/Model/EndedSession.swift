public import Secrets

/// A session that is over, and what it leaves behind: its row is gone, these are the last copies of its tokens.
public struct EndedSession: Sendable {
    /// The public name that it had.
    public let handle: SessionHandle
    /// Whether it was alive until then; what had expired and not been cleaned up can be ended too.
    public let wasAlive: Bool
    /// The issuer that vouched for the subject.
    public let issuer: String?
    /// The configured name of that provider.
    public let provider: String?
    /// The `sub` claim; nil when it was anonymous.
    public let subject: String?
    /// The access token; nil as well when its sealed value can't be opened.
    public let accessToken: Secret<String>?
    /// The refresh token; likewise.
    public let refreshToken: Secret<String>?
    /// The ID token, where it was asked for; likewise.
    public let idToken: Secret<String>?

    package init(
        handle: SessionHandle,
        wasAlive: Bool,
        issuer: String?,
        provider: String?,
        subject: String?,
        accessToken: Secret<String>?,
        refreshToken: Secret<String>?,
        idToken: Secret<String>?
    ) {
        self.handle = handle
        self.wasAlive = wasAlive
        self.issuer = issuer
        self.provider = provider
        self.subject = subject
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.idToken = idToken
    }
}
