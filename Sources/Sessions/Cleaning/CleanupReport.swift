public import Foundation

/// What a cleaning run did.
public struct CleanupReport: Sendable, Hashable {
    /// Expired sessions deleted.
    public var expiredSessions = 0
    /// Started logins that were never finished, deleted.
    public var abandonedLogins = 0
    /// Revoked sessions past their retention, deleted.
    public var revokedSessions = 0
    /// Inactive sessions deleted.
    public var inactiveSessions = 0
    /// Sessions over their user's limit, revoked.
    public var limitedSessions = 0
    /// Sessions of users that are no longer there, deleted.
    public var orphanedSessions = 0
    /// Logout tokens of providers that need not be remembered any more, deleted.
    public var logoutTokens = 0
    /// Rows of the audit trail past their retention, deleted.
    public var auditRows = 0
    /// The schedules whose work this was: `frequent`, `daily`, `weekly`; empty for a run with a request of its own.
    public var jobs: [String] = []
    /// The kinds of rows that it went through, by the names of ``counts``.
    ///
    /// A run may have been asked for some only, and one that failed isn't among them; whether it came to the end of each
    /// is ``isComplete``.
    public var targets: [String] = []
    /// The process that did it, see ``SessionPolicy/instanceName``.
    public var instance = ""
    /// False when another cleaner held the lock, and nothing was done.
    public var didRun = true
    /// False when the run's time was over before the backlog was.
    public var isComplete = true
    /// The page that each pass over the whole table was cut off at: the next run that goes through the same goes on there.
    ///
    /// By name of the target and what it goes by, such as `inactive 2592000 s`. Those of earlier runs that weren't this
    /// run's to go on with are among them.
    public var passes: [String: Int64] = [:]
    /// Whether it only counted.
    public var isDryRun = false
    /// When it started, by the local clock.
    public var startedAt = Date(timeIntervalSince1970: 0)
    /// How long it took.
    public var duration: Duration = .zero

    /// Nothing done yet.
    public init() {}

    /// Sessions and started logins deleted, of all kinds: the number of the documented log line.
    public var deleted: Int {
        expiredSessions + abandonedLogins + revokedSessions + inactiveSessions + orphanedSessions
    }

    /// How many rows of one kind a run deleted (or revoked, for a limit).
    public struct Count: Sendable, Hashable {
        /// The kind's name in the audit trail, in logs and in answers: `expiredSessions` and so on.
        public var name: String
        /// How many.
        public var rows: Int
    }

    /// All counts, in the order in which a run goes through them, zeros included.
    public var counts: [Count] {
        Self.fields.map { Count(name: $0.name, rows: self[keyPath: $0.path]) }
    }

    // The one list of names: the audit row, the log line, answers and tables are all made from it.
    static var fields: [(name: String, path: WritableKeyPath<CleanupReport, Int>)] {
        [
            ("expiredSessions", \.expiredSessions), ("abandonedLogins", \.abandonedLogins),
            ("revokedSessions", \.revokedSessions), ("inactiveSessions", \.inactiveSessions),
            ("limitedSessions", \.limitedSessions), ("orphanedSessions", \.orphanedSessions),
            ("logoutTokens", \.logoutTokens), ("auditRows", \.auditRows),
        ]
    }
}
