import Foundation

/// What somebody asked of the cleaner.
struct CleaningRun: Sendable {
    var request: CleanupRequest
    /// The due times of the schedules whose work this is.
    var due: [CleaningJob: Date] = [:]
    /// Whether work that another replica has done for the same due times is left out.
    var isScheduled = false
    /// Who asks, for the audit trail.
    var requester: Requester?
    var progress: (@Sendable (CleanupProgress) -> Void)?
}

extension CleaningRun {
    /// What is left of it when others have done their part; nil when that is nothing.
    func remaining(_ record: CleaningRecord, _ policy: SessionPolicy) -> CleaningRun? {
        guard isScheduled else { return self }
        var rest = self
        rest.due = due.filter { job, date in record.done[job.rawValue].map { $0 < date } ?? true }
        rest.request = CleanupRequest(policy: policy, jobs: rest.due.keys)
        return rest.due.isEmpty ? nil : rest
    }
}
