/// One kind of row that a cleaner removes.
public enum CleanupTarget: Sendable, Hashable {
    /// Sessions and started logins whose stored end has passed, not revoked.
    case expired
    /// Of those, the sessions.
    case expiredSessions
    /// Of those, the started logins.
    case abandonedLogins
    /// Sessions that were revoked longer ago than this.
    case revoked(olderThan: Duration)
    /// Sessions that haven't been used for this long, not revoked.
    case inactive(Duration)
    /// Sessions of users whom the rule doesn't know, not revoked.
    case orphans(OrphanRule)
    /// The oldest live sessions of users with more than this many; these are revoked, not deleted.
    case overLimit(Int)
    /// Rows of the audit trail older than this.
    case auditTrail(olderThan: Duration)
    /// Logout tokens of providers that need not be remembered any more.
    case logoutTokens
}

/// Where the next batch starts; opaque to everything but the store that made it.
public struct CleanupCursor: Sendable, Hashable {
    enum Place: Sendable, Hashable {
        /// What the batch before left is found anew.
        case again
        /// In the order of an index by time: microseconds.
        case time(Int64)
        /// In the order of the table.
        case page(Int64)
        /// The same, where the pass of an earlier run stopped.
        case resumed(Int64)
    }

    let place: Place

    init(_ place: Place) {
        self.place = place
    }

    /// Where it is in the order of the table, if that is the order.
    var page: Int64? {
        switch place {
        case .page(let page), .resumed(let page): page
        case .again, .time: nil
        }
    }

    /// Whether this run has done nothing for the target yet.
    static func begins(_ cursor: CleanupCursor?) -> Bool {
        if case .resumed? = cursor?.place { true } else { cursor == nil }
    }
}

/// What one batch did.
public struct CleanupBatch: Sendable, Hashable {
    /// Sessions removed (or revoked, for a limit); rows, for the audit trail and logout tokens.
    public var sessions: Int
    /// Started logins removed.
    public var logins: Int
    /// Where the next batch starts; nil when there is nothing more.
    public var next: CleanupCursor?

    /// The outcome of a batch.
    public init(sessions: Int, logins: Int = 0, next: CleanupCursor? = nil) {
        self.sessions = sessions
        self.logins = logins
        self.next = next
    }
}
