import Synchronization

@testable import PostgresPipeline

extension PostgresClient {
    /// Returns when each connection for writes has that many requests that were submitted and not answered.
    func waitForWrites(_ count: Int) async throws {
        while writes.mailboxes.contains(where: { $0.load.load(ordering: .relaxed) < count }) {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// Returns when that many requests wait to be sent.
    func waitForQueued(_ count: Int) async throws {
        while bound.count < count {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// Submits one write for each of the two connections for writes, behind what was submitted before.
    func lineUp(
        _ statement: PostgresStatement,
        _ values: [[PostgresValue]] = [[], []],
        place: Int
    ) async throws -> [Task<PostgresResult, any Error>] {
        let tasks = values.map { values in Task { try await self.write(statement, values) as PostgresResult } }
        try await waitForWrites(place)
        return tasks
    }
}

extension PostgresClient {
    /// Returns when a transaction has leased a connection and asked for its beginning.
    func waitForLease() async throws {
        while !writes.mailboxes.contains(where: { $0.load.load(ordering: .relaxed) == 3 }) {
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}
