/// What targets that come first leave for those that a dry run counts after them.
struct EarlierTargets: Sendable {
    var expiredSessions = false
    var inactive: Duration?
    var orphans: OrphanRule?

    init(_ targets: [CleanupTarget]) {
        for target in targets {
            switch target {
            case .expired, .expiredSessions: expiredSessions = true
            case .inactive(let time): inactive = inactive.map { min($0, time) } ?? time
            case .orphans(let rule): orphans = rule
            // Started logins, revoked sessions, and rows of another table are nobody else's.
            case .abandonedLogins, .revoked, .overLimit, .auditTrail, .logoutTokens: break
            }
        }
    }
}
