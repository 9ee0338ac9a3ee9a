/// Why a session was ended: stored in the row, counted in the metrics.
public struct SessionEndReason: Sendable, Hashable, CustomStringConvertible {
    /// The word in `sessions.revoked_reason`.
    public let rawValue: String

    private init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    /// The user signed out.
    public static let logout = SessionEndReason("logout")
    /// An administrator, or the user from another device, ended it.
    public static let revoked = SessionEndReason("revoked")
    /// An administrator deleted it, row and all.
    public static let deleted = SessionEndReason("deleted")
    /// The user's sessions were ended all together.
    public static let invalidated = SessionEndReason("invalidated")
    /// The user signed in once more than the maximum allows.
    public static let sessionLimit = SessionEndReason("session_limit")
    /// The browser signed in again.
    public static let replaced = SessionEndReason("replaced")
    /// The provider ended it (back-channel or front-channel logout).
    public static let provider = SessionEndReason("provider")
    /// The provider no longer honours the refresh token.
    public static let refreshFailed = SessionEndReason("refresh_failed")

    /// The word.
    public var description: String { rawValue }
}
