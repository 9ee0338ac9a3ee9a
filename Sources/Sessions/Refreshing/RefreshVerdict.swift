/// Why the refresh token of a session is worth nothing any more.
public enum RefreshVerdict: Sendable, Hashable {
    /// The provider has refused it, or answered for somebody else; the holder of the lease says so.
    case refused
    /// Two holders in a row were never heard of again (``RefreshLeaseAnswer/lost(fence:)``).
    ///
    /// Whoever says so has only looked: the store judges it again as it ends the session, because the holder may have
    /// come back meanwhile, with the same fence.
    case lost
}
