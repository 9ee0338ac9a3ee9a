import Patience
import Synchronization

@testable import PostgresPipeline

extension PostgresClient {
    /// Returns when every connection is made: until then one that is made may get what is for another.
    func waitForConnections() async throws {
        try await eventually("every connection is made") {
            (reads.mailboxes + writes.mailboxes).allSatisfy { $0.isConnected.load(ordering: .relaxed) }
        }
    }

    /// Returns when every connection has noticed that it is lost.
    func waitForNoConnections() async throws {
        try await eventually("no connection is left") {
            (reads.mailboxes + writes.mailboxes).allSatisfy { !$0.isConnected.load(ordering: .relaxed) }
        }
    }

    /// Returns when that many requests wait to be sent.
    func waitForQueued(_ count: Int) async throws {
        try await eventually("\(count) wait") { bound.count >= count }
    }

    /// Submits one write for each of the two connections for writes, behind what was submitted before.
    ///
    /// One after the other: two at once may both find the same connection the less busy one.
    func lineUp(
        _ statement: PostgresStatement,
        _ values: [[PostgresValue]] = [[], []],
        place: Int
    ) async throws -> [Task<PostgresResult, any Error>] {
        var tasks: [Task<PostgresResult, any Error>] = []
        for values in values {
            tasks.append(Task { try await self.write(statement, values) })
            try await eventually("\(tasks.count) connections with \(place) requests") {
                writes.mailboxes.count { $0.load.load(ordering: .relaxed) >= place } >= tasks.count
            }
        }
        return tasks
    }

    /// Returns when a transaction has leased a connection and asked for its beginning.
    func waitForLease() async throws {
        try await eventually("a lease") { writes.mailboxes.contains { $0.load.load(ordering: .relaxed) == 3 } }
    }
}
