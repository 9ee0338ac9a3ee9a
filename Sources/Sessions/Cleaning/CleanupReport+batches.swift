import Logging

extension CleanupRequest {
    /// What to go through, in this order: deleting first leaves less to look at.
    var targets: [CleanupTarget] {
        var targets: [CleanupTarget] = []
        if expired { targets.append(.expired) }
        if let revokedOlderThan { targets.append(.revoked(olderThan: revokedOlderThan)) }
        if let inactiveFor { targets.append(.inactive(inactiveFor)) }
        if let maximumSessionsPerUser { targets.append(.overLimit(maximumSessionsPerUser)) }
        return targets
    }
}

extension CleanupReport {
    mutating func add(_ batch: CleanupBatch, of target: CleanupTarget) {
        abandonedLogins += batch.logins
        switch target {
        case .expired: expiredSessions += batch.sessions
        case .revoked: revokedSessions += batch.sessions
        case .inactive: inactiveSessions += batch.sessions
        case .overLimit: limitedSessions += batch.sessions
        }
    }

    private var counts: [(String, Int)] {
        [
            ("expiredSessions", expiredSessions), ("abandonedLogins", abandonedLogins),
            ("revokedSessions", revokedSessions), ("inactiveSessions", inactiveSessions),
            ("limitedSessions", limitedSessions),
        ]
    }

    var auditDetails: [String: JSONValue] {
        var details: [String: JSONValue] = [:]
        for (name, count) in counts {
            details[name] = .integer(Int64(count))
        }
        details["durationMilliseconds"] = .integer(duration.microseconds / 1000)
        details["complete"] = .bool(isComplete)
        return details
    }

    var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["seconds": "\(duration.inSeconds)"]
        for (name, count) in counts {
            metadata[name] = "\(count)"
        }
        return metadata
    }
}
