import Sessions

/// Runs of the cleaner, one after the other: each is bounded in time, so that others have their turn.
enum CleanupRuns {
    /// Runs until nothing is left, or another process is at it, or a run gets nowhere: the next would not either.
    static func untilDone(_ run: () async throws -> CleanupReport) async throws -> [CleanupReport] {
        var reports: [CleanupReport] = []
        while true {
            let report = try await run()
            let isStuck = reports.last.map { report.getsNoFurther(than: $0) } ?? false
            reports.append(report)
            if report.isComplete || !report.didRun || report.isDryRun || isStuck { return reports }
        }
    }
}

extension CleanupReport {
    /// Whether it removed nothing, and no pass over the table has come further than the run before left it.
    fileprivate func getsNoFurther(than before: CleanupReport) -> Bool {
        counts.allSatisfy { $0.rows == 0 } && passes == before.passes
    }
}
