extension SessionManager {
    /// Deletes sessions that haven't been used for so many days; returns how many.
    @discardableResult
    public func cleanInactiveSessions(
        days: Int,
        by requester: Requester? = nil
    ) async throws(SessionError) -> Int {
        guard (1...36_500).contains(days) else {
            throw SessionError(.invalidInput, "sessions are inactive after 1 to 36500 days")
        }
        var request = CleanupRequest.nothing
        request.inactiveFor = .days(days)
        return try await cleaner.clean(CleaningRun(request: request, requester: requester)).inactiveSessions
    }

    /// Runs the cleaner now, by default with everything that the policy asks for at any of its schedules.
    ///
    /// When another replica is cleaning, nothing is done and ``CleanupReport/didRun`` is false.
    /// - Parameters:
    ///   - request: What to do.
    ///   - requester: Who asks, for the audit trail.
    ///   - progress: Called after each batch, when something is deleted; somebody who looks on costs a count of it all
    ///     before.
    @discardableResult
    public func cleanUp(
        _ request: CleanupRequest? = nil,
        by requester: Requester? = nil,
        progress: (@Sendable (CleanupProgress) -> Void)? = nil
    ) async throws(SessionError) -> CleanupReport {
        var run = CleaningRun(
            request: request ?? CleanupRequest(policy: policy),
            requester: requester,
            progress: progress
        )
        if request == nil {
            _ = try await cleaner.record()
            let now = cleaner.now()
            for job in CleaningJob.cleaning { run.due[job] = cleaner.schedule.lastDue(job, at: now) }
        }
        return try await cleaner.clean(run)
    }

    /// What the cleaners of all replicas did last, and what this process does next.
    public func cleanupStatus() async throws(SessionError) -> CleanupStatus {
        try await cleaner.status()
    }
}
