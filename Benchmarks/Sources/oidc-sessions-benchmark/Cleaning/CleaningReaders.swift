import Sessions
import Synchronization

/// Clients that ask at a steady rate, whatever the answers take, until they are told to stop.
final class CleaningReaders: Sendable {
    private let table: SessionTable
    private let scale: CleaningScale
    private let isOver = Atomic(false)

    init(table: SessionTable, scale: CleaningScale) {
        self.table = table
        self.scale = scale
    }

    func end() { isOver.store(true, ordering: .releasing) }

    /// How long the answers took.
    func run() async throws -> Measurement {
        // Only the touches are of interest: the cleaner under measurement is another manager's.
        var policy = SessionPolicy()
        policy.automaticCleanup = false
        let manager = table.manager(policy)
        let touches = Task { try await manager.run() }
        defer { touches.cancel() }
        let clock = ContinuousClock()
        let start = clock.now
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
            for client in 0..<scale.cleaningClients {
                group.addTask { try await self.read(client, manager, from: start) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let sorted = latencies.sorted()
        let elapsed = (clock.now - start).components
        return Measurement(
            rate: Double(sorted.count) / (Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18),
            median: sorted.isEmpty ? nil : sorted[sorted.count / 2],
            p99: sorted.isEmpty ? nil : sorted[sorted.count * 99 / 100]
        )
    }

    private func read(
        _ client: Int,
        _ manager: SessionManager,
        from start: ContinuousClock.Instant
    ) async throws -> [Double] {
        let clock = ContinuousClock()
        let pause = Duration.microseconds(1_000_000 * scale.cleaningClients / scale.cleaningReads)
        var latencies: [Double] = []
        var due = start.advanced(by: pause * client / scale.cleaningClients)
        var number = client
        while !isOver.load(ordering: .acquiring) {
            try await clock.sleep(until: due, tolerance: .zero)
            number = (number &* 48_271 &+ 11) % scale.live.count
            let asked = clock.now
            let id = try SessionTable.id("real", scale.live.lowerBound + number)
            guard try await manager.getSession(id, touch: latencies.count % 8 == 0) != nil else {
                throw PGBench.Failure(description: "a live session is gone")
            }
            let (seconds, attoseconds) = (clock.now - asked).components
            latencies.append(Double(seconds) * 1e6 + Double(attoseconds) * 1e-12)
            due = max(due.advanced(by: pause), clock.now)
        }
        return latencies
    }
}
