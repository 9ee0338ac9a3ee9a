import Metrics

/// The counters of this module; labels come from a fixed set of words.
enum SessionMetrics {
    static func created(signedIn: Bool) {
        let kind = signedIn ? "login" : "anonymous"
        Counter(label: "oidc_sessions_created_total", dimensions: [("kind", kind)]).increment()
    }

    static func ended(_ reason: SessionEndReason, count: Int) {
        guard count > 0 else { return }
        Counter(label: "oidc_sessions_ended_total", dimensions: [("reason", reason.rawValue)]).increment(by: count)
    }

    /// A started login gave way to a newer one before it was too old.
    static func loginDisplaced() {
        Counter(label: "oidc_logins_displaced_total").increment()
    }

    static func touchesWritten(_ count: Int) {
        Counter(label: "oidc_sessions_touches_total", dimensions: [("outcome", "written")]).increment(by: count)
    }

    static func touchesDropped(_ count: Int) {
        Counter(label: "oidc_sessions_touches_total", dimensions: [("outcome", "dropped")]).increment(by: count)
    }

    static func unreadable() {
        Counter(label: "oidc_sessions_unreadable_total").increment()
    }

    static func cleaned(_ report: CleanupReport) {
        let counts = [
            ("expired", report.expiredSessions), ("login", report.abandonedLogins),
            ("revoked", report.revokedSessions), ("inactive", report.inactiveSessions),
            ("orphaned", report.orphanedSessions), ("audit", report.auditRows),
            ("logout_token", report.logoutTokens),
        ]
        for (kind, count) in counts where count > 0 {
            Counter(label: "oidc_sessions_cleaned_total", dimensions: [("kind", kind)]).increment(by: count)
        }
        Recorder(label: "oidc_sessions_cleanup_seconds").record(report.duration.inSeconds)
    }

    /// The hourly count, shown by every replica.
    static func counted(_ statistics: SessionStatistics) {
        let counts = [
            ("active", statistics.active), ("expired", statistics.expired), ("revoked", statistics.revoked),
            ("inactive", statistics.inactive), ("login", statistics.pendingLogins),
        ]
        for (state, count) in counts {
            Gauge(label: "oidc_sessions", dimensions: [("state", state)]).record(count)
        }
    }

    static func cleanupFailed(_ error: SessionError) {
        Counter(label: "oidc_sessions_cleanup_failures_total", dimensions: [("error", error.metricLabel)]).increment()
    }
}
