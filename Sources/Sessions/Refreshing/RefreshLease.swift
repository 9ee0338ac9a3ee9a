/// The right to exchange a session's refresh token, which one holder on one replica has at a time.
public struct RefreshLease: Sendable {
    /// The session with its tokens, as it was when the lease was taken.
    public let session: Session
    /// The number of this lease: the store accepts a result only with the number of the latest.
    public let fence: Int64
    /// How many attempts have failed since the last refresh that went through.
    public let failures: Int
    /// Whether the last holder took the lease and was never heard of again: it may have spent the refresh token.
    public let isTakeover: Bool

    package init(session: Session, fence: Int64, failures: Int, isTakeover: Bool) {
        self.session = session
        self.fence = fence
        self.failures = failures
        self.isTakeover = isTakeover
    }
}

/// What the store says to somebody who wants to refresh the tokens of a session.
public enum RefreshLeaseAnswer: Sendable {
    /// Do it.
    case granted(RefreshLease)
    /// There is no need, perhaps because somebody else has just done it.
    case fresh(Session)
    /// Somebody else is at it, and has the lease for so long yet.
    case held(Session, remaining: Duration)
    /// Nobody may try before so long: the provider was in trouble, or an abandoned lease waits for the access token's
    /// end.
    case waiting(Session, remaining: Duration)
    /// Two holders in a row were never heard of again: the refresh token is not sent a third time.
    case lost(fence: Int64)
    /// There is no such session, or it has no refresh token.
    case none
}
