extension CleanupRequest {
    /// What to go through, in this order: deleting first leaves less to look at.
    ///
    /// Limits come last of what concerns sessions, so that what they revoke was counted by no other target.
    var targets: [CleanupTarget] {
        var targets: [CleanupTarget] = []
        switch (expired, abandonedLogins) {
        case (true, true): targets.append(.expired)
        case (true, false): targets.append(.expiredSessions)
        case (false, true): targets.append(.abandonedLogins)
        case (false, false): break
        }
        if let revokedOlderThan { targets.append(.revoked(olderThan: revokedOlderThan)) }
        if let inactiveFor { targets.append(.inactive(inactiveFor)) }
        if let orphans { targets.append(.orphans(orphans)) }
        if let maximumSessionsPerUser { targets.append(.overLimit(maximumSessionsPerUser)) }
        if logoutTokens { targets.append(.logoutTokens) }
        if let auditOlderThan { targets.append(.auditTrail(olderThan: auditOlderThan)) }
        return targets
    }
}

extension CleanupTarget {
    /// The schedule that goes through it.
    var job: CleaningJob {
        switch self {
        case .expired, .expiredSessions, .abandonedLogins, .revoked, .logoutTokens: .frequent
        case .inactive, .overLimit, .auditTrail: .daily
        case .orphans: .weekly
        }
    }
}

extension CleanupTarget {
    /// Where a report counts the rows that it goes through: sessions, or what else it is about.
    fileprivate var count: WritableKeyPath<CleanupReport, Int> {
        switch self {
        case .expired, .expiredSessions: \.expiredSessions
        case .abandonedLogins: \.abandonedLogins
        case .revoked: \.revokedSessions
        case .inactive: \.inactiveSessions
        case .overLimit: \.limitedSessions
        case .orphans: \.orphanedSessions
        case .logoutTokens: \.logoutTokens
        case .auditTrail: \.auditRows
        }
    }

    /// What it is called in a report, by the names of ``CleanupReport/counts``.
    var names: [String] {
        let isBoth = if case .expired = self { true } else { false }
        return CleanupReport.fields
            .filter { $0.path == count || isBoth && $0.path == \.abandonedLogins }
            .map(\.name)
    }

    /// The name of its pass over the whole table, by which a later run goes on where one was cut off; nil when batches are
    /// found some other way.
    ///
    /// What rows are judged by is part of it: pages that were judged by another rule have to be looked at again.
    var passName: String? {
        switch self {
        case .expired: "expired"
        case .expiredSessions: "expiredSessions"
        case .abandonedLogins: "abandonedLogins"
        case .inactive(let time): "inactive \(time.components.seconds) s"
        case .orphans(let rule): "orphans \(rule.digest)"
        case .revoked, .overLimit, .auditTrail, .logoutTokens: nil
        }
    }
}

extension [String: Int64] {
    /// More than those of the policy are other people's requests: of these a few are remembered.
    private static let maximumPasses = 16

    /// The passes of earlier runs, without those that nobody comes back to.
    func remembered(_ policy: SessionPolicy) -> [String: Int64] {
        guard count > Self.maximumPasses else { return self }
        let own = CleanupRequest(policy: policy).targets.compactMap(\.passName)
        return filter { own.contains($0.key) }
    }
}

extension CleanupReport {
    mutating func add(_ batch: CleanupBatch, of target: CleanupTarget) {
        abandonedLogins += batch.logins
        self[keyPath: target.count] += batch.sessions
    }
}
