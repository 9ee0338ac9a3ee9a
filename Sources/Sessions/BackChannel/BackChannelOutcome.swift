/// What a ``LogoutNotice`` has changed.
public enum BackChannelOutcome: Sendable {
    /// So many sessions were ended, none of them or more; with what some of them leave behind, at most
    /// ``maximumSessions`` and those with refresh tokens first.
    case ended(count: Int, sessions: [EndedSession])
    /// The notice came before, and changed nothing.
    case repeated
    /// The provider's session is another user's than the notice says, and nothing was changed.
    case mismatched

    /// Of more ended sessions than this the tokens aren't given back.
    public static let maximumSessions = 100
}
