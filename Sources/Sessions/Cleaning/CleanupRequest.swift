/// What a cleaning run is to do.
public struct CleanupRequest: Sendable, Hashable {
    /// Delete sessions that have expired.
    public var expired = true
    /// Delete started logins that were never finished.
    public var abandonedLogins = true
    /// Forget logout tokens of providers that can't come again.
    public var logoutTokens = true
    /// Delete revoked sessions that were revoked longer ago than this; nil leaves them.
    public var revokedOlderThan: Duration?
    /// Delete sessions that haven't been used for this long; nil leaves them.
    public var inactiveFor: Duration?
    /// Revoke the oldest active sessions of users who have more than this; nil leaves them.
    public var maximumSessionsPerUser: Int?
    /// Delete the sessions of users whom this rule doesn't know; nil leaves them.
    public var orphans: OrphanRule?
    /// Delete rows of the audit trail that are older than this; nil leaves them.
    public var auditOlderThan: Duration?
    /// Stop after this long with what is done by then; nil, or more than the cleaner's own limit: that limit.
    public var timeLimit: Duration?
    /// Count what would go, change nothing.
    public var isDryRun = false

    /// A run that deletes what has expired, and nothing else.
    public init() {}

    /// Everything that the policy's switches ask for, whenever its schedules would do it.
    public init(policy: SessionPolicy) {
        self.init(policy: policy, jobs: CleaningJob.cleaning)
    }

    /// What the policy's switches ask for at these schedules.
    init(policy: SessionPolicy, jobs: some Sequence<CleaningJob>) {
        self = .nothing
        for job in jobs {
            switch job {
            case .frequent where policy.cleanExpiredTokens:
                expired = true
                abandonedLogins = true
                logoutTokens = true
                revokedOlderThan = policy.revokedRetention
            case .daily:
                inactiveFor = policy.cleanInactiveSessions ? policy.inactivityTimeout : nil
                maximumSessionsPerUser = policy.enforceSessionLimits ? policy.maximumSessionsPerUser : nil
                auditOlderThan = policy.auditRetention
            case .weekly:
                orphans = policy.orphanRule
            case .frequent, .statistics: break
            }
        }
    }

    /// A run that does nothing until it is told what.
    public static var nothing: CleanupRequest {
        var request = CleanupRequest()
        request.expired = false
        request.abandonedLogins = false
        request.logoutTokens = false
        return request
    }
}
