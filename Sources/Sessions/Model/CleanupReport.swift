public import Foundation

/// What a cleaning run is to do.
public struct CleanupRequest: Sendable, Hashable {
    /// Delete sessions and started logins that have expired.
    public var expired = true
    /// Delete revoked sessions that were revoked longer ago than this; nil leaves them.
    public var revokedOlderThan: Duration?
    /// Delete sessions that haven't been used for this long; nil leaves them.
    public var inactiveFor: Duration?
    /// Revoke the oldest active sessions of users who have more than this; nil leaves them.
    public var maximumSessionsPerUser: Int?
    /// Stop after this long with what is done by then; nil, or more than the cleaner's own limit: that limit.
    public var timeLimit: Duration?
    /// Count what would go, change nothing.
    public var isDryRun = false

    /// A run that deletes what has expired, and nothing else.
    public init() {}

    /// Everything that the policy's switches ask for.
    public init(policy: SessionPolicy) {
        expired = policy.cleanExpiredTokens
        revokedOlderThan = policy.cleanExpiredTokens ? policy.revokedRetention : nil
        inactiveFor = policy.cleanInactiveSessions ? policy.inactivityTimeout : nil
        maximumSessionsPerUser = policy.enforceSessionLimits ? policy.maximumSessionsPerUser : nil
    }
}

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
    /// False when another cleaner held the lock, and nothing was done.
    public var didRun = true
    /// False when the run's time was over before the backlog was.
    public var isComplete = true
    /// Whether it only counted.
    public var isDryRun = false
    /// When it started, by the local clock.
    public var startedAt = Date(timeIntervalSince1970: 0)
    /// How long it took.
    public var duration: Duration = .zero

    /// Nothing done yet.
    public init() {}

    /// Rows deleted, of all kinds.
    public var deleted: Int { expiredSessions + abandonedLogins + revokedSessions + inactiveSessions }
}
