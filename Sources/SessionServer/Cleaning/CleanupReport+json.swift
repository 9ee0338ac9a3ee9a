import OpenIDConnect
import Sessions

extension CleanupReport {
    /// Rows of sessions; logins that nobody finished never were any.
    var deletedSessions: Int { deleted - abandonedLogins }

    /// The answer to whoever asked for the run.
    var json: JSONValue {
        [
            "success": true, "dryRun": .bool(isDryRun), "deletedCount": .integer(Int64(deletedSessions)),
            "counts": countsJSON, "isComplete": .bool(isComplete), "startedAt": .string(Timestamp.precise(startedAt)),
            "durationMilliseconds": .integer(milliseconds),
        ]
    }

    /// The same among what a status tells.
    var statusJSON: JSONValue {
        [
            "startedAt": .string(Timestamp.precise(startedAt)), "durationMilliseconds": .integer(milliseconds),
            "deletedCount": .integer(Int64(deletedSessions)), "counts": countsJSON, "isComplete": .bool(isComplete),
            "jobs": .array(jobs.map(JSONValue.string)), "instance": .string(instance),
        ]
    }

    private var countsJSON: JSONValue {
        .object(Dictionary(counts.map { ($0.name, .integer(Int64($0.rows))) }, uniquingKeysWith: { $1 }))
    }

    private var milliseconds: Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}

extension CleanupStatus {
    /// What the replicas' cleaners did, and what this one does next.
    var json: JSONValue {
        let failure = lastFailure.map { failure -> JSONValue in
            [
                "date": .string(Timestamp.precise(failure.date)), "code": .string(failure.code),
                "instance": .string(failure.instance),
            ]
        }
        return [
            "isRunning": .bool(isRunning), "lastRun": lastRun?.statusJSON ?? .null, "lastFailure": failure ?? .null,
            "nextRun": nextRun.map { .string(Timestamp.precise($0)) } ?? .null,
            "leader": leader.map(JSONValue.string) ?? .null,
        ]
    }
}
