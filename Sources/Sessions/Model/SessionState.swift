/// What has become of a session.
///
/// The states overlap: an inactive session is usually expired as well. Filters find a session by any state that it is
/// in; a summary tells the first that holds of revoked, active, inactive and expired.
public enum SessionState: String, Sendable, CaseIterable {
    /// Alive by every lifetime, and not revoked.
    case active
    /// Over by one of the lifetimes, not revoked, its row not yet deleted.
    case expired
    /// Not revoked, and unused for longer than ``SessionPolicy/inactivityTimeout``.
    case inactive
    /// Ended by somebody or something, its row kept for the audit trail.
    case revoked
}
