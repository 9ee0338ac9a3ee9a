public import Foundation

/// What the cleaners of all replicas did last and what this process does next.
///
/// Read from the audit trail and from the lock, so that every replica tells the same.
public struct CleanupStatus: Sendable, Hashable {
    /// A run that failed.
    public struct Failure: Sendable, Hashable {
        /// When, by the store's clock.
        public var date: Date
        /// The ``SessionError/Code`` as a word.
        public var code: String
        /// The process that failed; empty when it isn't known.
        public var instance: String
    }

    /// Whether some process cleans at the moment.
    public var isRunning = false
    /// The last run of any process that ended well; dry runs don't count.
    public var lastRun: CleanupReport?
    /// The last run of any process that failed and could write it down.
    public var lastFailure: Failure?
    /// When this process cleans next on its own, if nobody else does; nil when it doesn't.
    public var nextRun: Date?
    /// The process that cleans at the moment, or did last.
    public var leader: String?

    /// Nothing has happened.
    public init() {}
}
