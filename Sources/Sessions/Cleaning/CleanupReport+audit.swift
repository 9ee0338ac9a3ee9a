import Foundation
import Logging

extension CleanupReport {
    func auditDetails(done: [CleaningJob: Date], policy: SessionPolicy) -> [String: JSONValue] {
        var details: [String: JSONValue] = [:]
        for count in counts {
            details[count.name] = .integer(Int64(count.rows))
        }
        details["jobs"] = .array(jobs.map { .string($0) })
        details["targets"] = .array(targets.map { .string($0) })
        details["durationMilliseconds"] = .integer(duration.microseconds / 1000)
        details["complete"] = .bool(isComplete)
        if !passes.isEmpty { details["passes"] = .object(passes.mapValues { .integer($0) }) }
        details["instance"] = .string(instance)
        details["due"] = .object(.init(due: done))
        details["tenantID"] = policy.tenantID.map { .string($0) }
        return details
    }

    /// A run as its row of the audit trail tells it.
    init(auditDetails details: [String: JSONValue], at date: Date) {
        self.init()
        for (name, path) in Self.fields {
            if case .integer(let count)? = details[name] { self[keyPath: path] = Int(clamping: count) }
        }
        if case .array(let names)? = details["jobs"] {
            jobs = names.compactMap { if case .string(let name) = $0 { name } else { nil } }
        }
        if case .array(let names)? = details["targets"] {
            targets = names.compactMap { if case .string(let name) = $0 { name } else { nil } }
        }
        if case .integer(let milliseconds)? = details["durationMilliseconds"] { duration = .milliseconds(milliseconds) }
        if case .bool(let value)? = details["complete"] { isComplete = value }
        if case .object(let pages)? = details["passes"] {
            passes = pages.compactMapValues { if case .integer(let page) = $0, page >= 0 { page } else { nil } }
        }
        if case .string(let name)? = details["instance"] { instance = name }
        startedAt = date - duration.inSeconds
    }

    var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "seconds": .stringConvertible(duration.inSeconds), "jobs": "\(jobs.joined(separator: " "))",
        ]
        for count in counts {
            metadata[count.name] = .stringConvertible(count.rows)
        }
        return metadata
    }
}

extension SessionError {
    func cleanupDetails(_ policy: SessionPolicy) -> [String: JSONValue] {
        var details: [String: JSONValue] = ["error": .string(code.description)]
        details["message"] = .string(message)
        details["instance"] = .string(policy.instanceName)
        details["tenantID"] = policy.tenantID.map { .string($0) }
        return details
    }
}

extension CleanupStatus.Failure {
    init(auditDetails details: [String: JSONValue], at date: Date) {
        self.init(date: date, code: "", instance: "")
        if case .string(let code)? = details["error"] { self.code = code }
        if case .string(let name)? = details["instance"] { instance = name }
    }
}

extension SessionStatistics {
    private static var fields: [(name: String, path: WritableKeyPath<SessionStatistics, Int>)] {
        [
            ("total", \.total), ("active", \.active), ("expired", \.expired), ("revoked", \.revoked),
            ("inactive", \.inactive), ("pendingLogins", \.pendingLogins),
        ]
    }

    func auditDetails(done: Date, policy: SessionPolicy) -> [String: JSONValue] {
        var details: [String: JSONValue] = ["instance": .string(policy.instanceName)]
        for (name, path) in Self.fields {
            details[name] = .integer(Int64(self[keyPath: path]))
        }
        details["due"] = .object(.init(due: [.statistics: done]))
        details["tenantID"] = policy.tenantID.map { .string($0) }
        return details
    }

    init(auditDetails details: [String: JSONValue], at date: Date) {
        self.init()
        for (name, path) in Self.fields {
            if case .integer(let count)? = details[name] { self[keyPath: path] = Int(clamping: count) }
        }
        takenAt = date
    }
}

extension [String: JSONValue] {
    /// Due times, as whole seconds since 1970.
    init(due: [CleaningJob: Date]) {
        self.init()
        for (job, date) in due {
            self[job.rawValue] = .integer(Int64(date.timeIntervalSince1970.rounded()))
        }
    }
}
