/// How far a cleaning run is, for a bar on a terminal.
public struct CleanupProgress: Sendable {
    /// What has been done so far.
    public var report: CleanupReport
    /// How many rows there were to do when the run began, of all kinds; counted because somebody looks on.
    public var total: Int

    /// How many are done, of all kinds.
    public var done: Int { report.counts.reduce(0) { $0 + $1.rows } }
}
