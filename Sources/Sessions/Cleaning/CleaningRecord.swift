public import Foundation

/// What the audit trail and the lock tell of the cleaners of all replicas.
public struct CleaningRecord: Sendable {
    /// The last run that ended well, dry runs apart.
    public var lastRun: CleanupReport?
    /// The last run that failed.
    public var lastFailure: CleanupStatus.Failure?
    /// The process that holds the lock at the moment; empty when it doesn't say; nil when nobody does.
    public var leader: String?
    /// The latest due time that each schedule's work has been done for, by the store's clock.
    ///
    /// The due time, not the time of the doing, so that replicas that look at different moments agree.
    public var done: [String: Date] = [:]
    /// The page that each pass over the whole table was cut off at, by ``CleanupReport/passes``.
    public var passes: [String: Int64] = [:]
    /// The store's clock, by which due times are judged, as lifetimes are; nil when the store doesn't say.
    public var readAt: Date?
    /// The last hourly count.
    public var statistics: SessionStatistics?

    /// Nothing has happened.
    public init() {}
}

extension CleaningRecord {
    /// Takes in a row of the audit trail; later rows come later.
    mutating func add(_ action: AuditAction, _ details: [String: JSONValue], at date: Date, _ policy: SessionPolicy) {
        switch action {
        case .sessionCleanup:
            let run = CleanupReport(auditDetails: details, at: date)
            lastRun = run
            // The cleaner of all tenants judges by another policy than that of one.
            if details["tenantID"] == policy.tenantID.map({ .string($0) }) { passes = run.passes }
        case .sessionCleanupError: lastFailure = CleanupStatus.Failure(auditDetails: details, at: date)
        case .sessionStatistics: statistics = SessionStatistics(auditDetails: details, at: date)
        default: return
        }
        guard case .object(let due)? = details["due"] else { return }
        for (job, value) in due {
            guard case .integer(let seconds) = value else { continue }
            let due = Date(timeIntervalSince1970: Double(seconds))
            // Nothing is done before it is due: whatever clock wrote this, it would keep all replicas from working.
            guard due <= date + 1 else { continue }
            done[job] = max(done[job] ?? due, due)
        }
    }
}
