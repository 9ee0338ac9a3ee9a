/// How ``SessionManager/endSessions(matching:mode:isDryRun:by:)`` ends sessions.
public enum SessionEnding: Sendable, Hashable {
    /// Rows are deleted, those of revoked sessions too if they match.
    case delete
    /// Sessions that are alive are ended and their rows kept, without tokens, for ``SessionPolicy/revokedRetention``;
    /// others that match are over already and stay as they are.
    case revoke(SessionEndReason)
}

/// What became of the sessions that were to be ended.
public struct EndedSessions: Sendable, Hashable {
    /// Sessions that matched, and that the mode can end, when they were looked at.
    public var matched: Int
    /// Sessions that were ended.
    ///
    /// Those that didn't match any more at that moment were left alone. 0 for a dry run.
    public var ended: Int
    /// False when the time was over, or the task cancelled, before all were ended: ask again.
    public var isComplete: Bool
    /// Some of those that were ended, as the audit trail names them: at most ``maximumHandles``.
    public var handles: [SessionHandle] = []

    /// More handles than this aren't named, however many sessions were ended: a row of the audit trail stays small.
    public static let maximumHandles = 20

    /// An outcome.
    public init(matched: Int = 0, ended: Int = 0, isComplete: Bool = true) {
        self.matched = matched
        self.ended = ended
        self.isComplete = isComplete
    }

    mutating func add(_ batch: EndedBatch) {
        matched += batch.matched
        ended += batch.ended
        handles += batch.handles.prefix(Self.maximumHandles - handles.count)
    }
}

/// What one batch of endings did, and where the next one starts: nil when there is nothing more.
public struct EndedBatch: Sendable {
    /// Sessions that matched.
    public var matched: Int
    /// Sessions that were ended.
    public var ended: Int
    /// The last session that was looked at.
    public var next: SessionPage.Cursor?
    /// Of those that were ended, at most ``EndedSessions/maximumHandles``.
    public var handles: [SessionHandle]

    /// The outcome of a batch.
    public init(matched: Int, ended: Int, next: SessionPage.Cursor?, handles: [SessionHandle] = []) {
        self.matched = matched
        self.ended = ended
        self.next = next
        self.handles = handles
    }
}
