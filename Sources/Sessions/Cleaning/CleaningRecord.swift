public import Foundation

/// What the audit trail and the lock tell of the cleaners of all replicas.
public struct CleaningRecord: Sendable {
    /// The last run that ended well, dry runs apart.
    public var lastRun: CleanupReport?
    /// The last run that failed.
    public var lastFailure: CleanupStatus.Failure?
    /// The process that holds the lock at the moment; empty when it doesn't say; nil when nobody does.
    public var leader: String?
    /// The latest due time that each schedule's work has been done for, by the clock of whoever did it.
    ///
    /// The due time, not the time of the doing: replicas whose clocks differ by less than a schedule's interval agree.
    public var done: [String: Date] = [:]
    /// The last hourly count.
    public var statistics: SessionStatistics?

    /// Nothing has happened.
    public init() {}
}

extension CleaningRecord {
    /// Takes in a row of the audit trail; later rows come later.
    mutating func add(_ action: AuditAction, _ details: [String: JSONValue], at date: Date) {
        switch action {
        case .sessionCleanup: lastRun = CleanupReport(auditDetails: details, at: date)
        case .sessionCleanupError: lastFailure = CleanupStatus.Failure(auditDetails: details, at: date)
        case .sessionStatistics: statistics = SessionStatistics(auditDetails: details, at: date)
        default: return
        }
        guard case .object(let due)? = details["due"] else { return }
        for (job, value) in due {
            guard case .integer(let seconds) = value else { continue }
            let date = Date(timeIntervalSince1970: Double(seconds))
            done[job] = max(done[job] ?? date, date)
        }
    }
}
