/// The fixed paths of this service.
enum Paths {
    static let start = "/"
    static let login = "/login"
    static let callback = "/callback"
    static let logout = "/logout"
    static let loggedOut = "/logged-out"
    static let session = "/session"
    static let refresh = "/session/refresh"
    static let stylesheet = "/oidc-sessions.css"
    static let live = "/health/live"
    static let ready = "/health/ready"
    static let adminStatistics = "/api/admin/sessions/stats"
    static let olderStatistics = "/api/auth/admin/sessions/stats"
    static let cronCleanup = "/api/cron/cleanup-sessions"
    static let metrics = "/metrics"
}
