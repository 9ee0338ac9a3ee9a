/// A page of a list of sessions, the newest first.
public struct SessionPage: Sendable {
    /// Identity only: no tokens, no ids.
    public var sessions: [SessionSummary]
    /// Where the next page starts; nil when this is the last.
    public var next: Cursor?

    /// A page.
    public init(sessions: [SessionSummary], next: Cursor?) {
        self.sessions = sessions
        self.next = next
    }

    /// The place of a session in the order of all lists.
    ///
    /// That place never changes: what is created or ended between two pages neither shifts nor repeats the others.
    /// As text it is opaque, and safe in URLs.
    public struct Cursor: Sendable, Hashable {
        /// When the session was created: microseconds since 2000-01-01 00:00 UTC.
        package let createdAt: Int64
        /// Half of its digest decides between those of one moment; more than a handle is told to nobody.
        package let handle: SessionHandle

        package init(createdAt: Int64, handle: SessionHandle) {
            self.createdAt = createdAt
            self.handle = handle
        }
    }
}
