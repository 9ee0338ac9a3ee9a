import Foundation

/// How long things live and what is cleaned up: the settings of the documented systems, with their defaults.
public struct SessionPolicy: Sendable, Hashable {
    /// Without use for this long a session is over.
    ///
    /// `SESSION_DURATION_HOURS`, 1 hour.
    public var idleLifetime: Duration = .seconds(3600)

    /// The last use is written at most this often.
    ///
    /// `SESSION_UPDATE_AGE_SECONDS`, 5 minutes.
    public var updateAge: Duration = .seconds(300)

    /// A login or token refresh moves the stored end this far ahead.
    ///
    /// `SESSION_REFRESH_EXTENSION_DAYS`, 7 days.
    public var refreshExtension: Duration = .days(7)

    /// No session outlives this, however much it is used.
    ///
    /// `SESSION_ABSOLUTE_DAYS`, 30 days.
    public var absoluteLifetime: Duration = .days(30)

    /// A started login can be finished for this long.
    ///
    /// `LOGIN_TTL_SECONDS`, 10 minutes.
    public var loginLifetime: Duration = .seconds(600)

    /// There are never more started logins than this, finished ones not counted: the oldest give way.
    ///
    /// `LOGIN_MAXIMUM_PENDING`, 100 000. Of all tenants that share a table.
    public var maximumPendingLogins: Int = 100_000

    /// More active sessions of one user than this aren't kept: the oldest is revoked.
    ///
    /// `MAX_SESSIONS_PER_USER`, 10.
    public var maximumSessionsPerUser: Int = 10

    /// The pause between two runs of the cleaner.
    ///
    /// `SESSION_CLEANUP_INTERVAL_MINUTES`, 15 minutes.
    public var cleanupInterval: Duration = .seconds(900)

    /// The pause between two batches of one run, so that readers hardly notice it.
    ///
    /// 100 milliseconds.
    public var cleanupPause: Duration = .milliseconds(100)

    /// When inactive sessions, limits and the audit trail are gone through, which reads the whole table.
    ///
    /// `CLEANUP_DAILY_AT`, 02:00 UTC.
    public var dailyCleanupAt = DailyTime.twoInTheMorning

    /// When the sessions of users that no longer exist are looked for.
    ///
    /// `CLEANUP_WEEKLY_AT`, Sunday 03:00 UTC.
    public var weeklyCleanupAt = WeeklyTime.sundayAtThree

    /// Which users exist; nil: nobody looks for orphans.
    ///
    /// `ORPHAN_USERS_TABLE` or `ORPHAN_USERS_QUERY`, none.
    public var orphanRule: OrphanRule?

    /// Rows of the audit trail are kept this long; nil: for ever.
    ///
    /// `AUDIT_LOG_RETENTION_DAYS`, 365 days.
    public var auditRetention: Duration? = .days(365)

    /// How this process is called where replicas are told apart.
    ///
    /// The host's name and the process's number.
    public var instanceName = SessionPolicy.processName

    /// Revoked rows are kept this long for the audit trail.
    ///
    /// `REVOKED_SESSION_RETENTION_DAYS`, 30 days.
    public var revokedRetention: Duration = .days(30)

    /// Sessions unused for this long are deleted even if their stored end is later.
    ///
    /// `SESSION_INACTIVITY_TIMEOUT_DAYS`, 30 days.
    public var inactivityTimeout: Duration = .days(30)

    /// Whether the cleaner deletes what has expired.
    ///
    /// `CLEAN_EXPIRED_TOKENS`.
    public var cleanExpiredTokens = true

    /// Whether the cleaner deletes what is inactive.
    ///
    /// `CLEAN_INACTIVE_SESSIONS`.
    public var cleanInactiveSessions = true

    /// Whether the cleaner revokes what is over the limit (logins hold the limit in any case).
    ///
    /// `ENFORCE_SESSION_LIMITS`.
    public var enforceSessionLimits = true

    /// Whether a cleaning run logs what it did.
    ///
    /// `ENABLE_SESSION_CLEANUP_LOGS`.
    public var enableCleanupLogs = true

    /// Whether the cleaner runs on its own.
    ///
    /// `AUTOMATIC_SESSION_CLEANUP`.
    public var automaticCleanup = true

    /// Whether its first run is at the start.
    ///
    /// `CLEANUP_ON_STARTUP`.
    public var cleanupOnStartup = true

    /// The hourly statistics warn above this many active sessions.
    ///
    /// `ACTIVE_SESSIONS_WARNING`, 1000.
    public var activeSessionsWarning: Int = 1000

    /// The only tenant whose sessions exist for this process; nil for all.
    ///
    /// `SESSION_TENANT_ID`. A session of another tenant is no session: it isn't read, changed, ended, counted or listed,
    /// whoever presents its id. Logins without a tenant get this one.
    public var tenantID: String?

    /// The documented defaults.
    public init() {}

    private static let processName: String = {
        let process = ProcessInfo.processInfo
        return "\(process.hostName)/\(process.processIdentifier)"
    }()
}
