public import Foundation

/// What the cleaner of this process did last and does next.
public struct CleanupStatus: Sendable {
    /// Whether a run is under way in this process.
    public var isRunning = false
    /// The last run that ended well.
    public var lastReport: CleanupReport?
    /// When the last run failed, and how.
    public var lastFailure: (date: Date, error: SessionError)?
    /// When the next automatic run is due; nil when there is none.
    public var nextRun: Date?

    /// Nothing has happened.
    public init() {}
}
