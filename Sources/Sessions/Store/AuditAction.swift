/// What a row of the audit trail reports.
public struct AuditAction: Sendable, Hashable, CustomStringConvertible {
    /// The word in `audit_log.action`.
    public let rawValue: String

    private init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    /// Somebody signed in.
    public static let login = AuditAction("LOGIN")
    /// Somebody signed out.
    public static let logout = AuditAction("LOGOUT")
    /// A session was ended by somebody or something else.
    public static let revoke = AuditAction("REVOKE")
    /// Sessions were ended by criteria.
    public static let endSessions = AuditAction("SESSIONS_ENDED")
    /// Roles or profile of a user's sessions were changed.
    public static let updateUser = AuditAction("USER_UPDATED")
    /// The cleaner ran.
    public static let sessionCleanup = AuditAction("SESSION_CLEANUP")
    /// The cleaner failed.
    public static let sessionCleanupError = AuditAction("SESSION_CLEANUP_ERROR")
    /// The hourly count of sessions.
    public static let sessionStatistics = AuditAction("SESSION_STATISTICS")
    /// A session was taken over from another system.
    public static let sessionImport = AuditAction("IMPORT")
    /// A user's refresh token came along with an imported session; it isn't given to another one.
    public static let tokenImport = AuditAction("IMPORT_TOKEN")
    /// Sealing keys were rotated.
    public static let keyRotation = AuditAction("KEY_ROTATION")

    /// The word.
    public var description: String { rawValue }
}
