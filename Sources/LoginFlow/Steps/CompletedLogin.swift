public import Sessions

/// A login that went through.
public struct CompletedLogin: Sendable {
    /// The new session; its id goes into the browser's cookie.
    public let session: Session
    /// The login cookie that is done with.
    public let pendingLogin: PendingLoginID
    /// Where the browser wanted to go.
    public let returnTo: ReturnTo
}
