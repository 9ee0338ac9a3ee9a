/// The work of one schedule.
enum CleaningJob: String, CaseIterable, Sendable {
    /// Expired sessions, abandoned logins, revoked sessions past their retention: what indexes find.
    case frequent
    /// Inactive sessions, limits, the audit trail's retention: what reads the whole table.
    case daily
    /// Sessions of users that are no longer there.
    case weekly
    /// The hourly count.
    case statistics

    /// Those that delete.
    static let cleaning: [CleaningJob] = [.frequent, .daily, .weekly]
}
