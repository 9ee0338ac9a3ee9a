import PostgresPipeline
import Sessions
import Synchronization

/// What readers notice while the cleaner removes half of the table, against nothing and against one DELETE.
struct CleaningBenchmark {
    private static let fillStatement = PostgresStatement(
        """
        INSERT INTO sessions (id, issuer, sub, user_agent, created_at, last_accessed_at, expires_at)
        SELECT
            encode(sha256(convert_to('real-' || n, 'UTF8')), 'hex'), 'https://id.example', 'user-' || n,
            repeat('x', 120), now(), now(),
            now() + CASE WHEN n % 2 = 0 THEN interval '7 days' ELSE -random() * interval '7 days' END
        FROM generate_series(0, $1) AS n
        """,
        parameters: [.int8]
    )
    private static let deleteAll = PostgresStatement(
        "DELETE FROM sessions WHERE revoked_at IS NULL AND expires_at <= now()"
    )

    let server: BenchmarkServer
    let scale: CleaningScale

    func run() async throws {
        try await server.withClient { client in
            let table = try SessionTable(client: client)
            try await table.migrate()
            var rows: [(name: String, seconds: Double, readers: Measurement)] = []

            try await refill(table)
            progress("cleaning: readers alone")
            rows.append(("nothing", 10, try await readers(table, for: 10)))
            rows.append(try await clean(table, name: "the cleaner, no pause", pause: .zero))
            try await refill(table)
            rows.append(try await clean(table, name: "the cleaner, pause of 100 ms", pause: .milliseconds(100)))
            try await refill(table)
            progress("cleaning: one DELETE")
            rows.append(
                try await alongside(table, name: "one DELETE") {
                    try await client.withDedicatedConnection { try await $0.query(Self.deleteAll).affectedRows }
                }
            )
            report(rows)
        }
    }

    private func refill(_ table: SessionTable) async throws {
        progress("cleaning: filling the table with \(scale.cleaningRows) rows, half of them expired")
        let rows = scale.cleaningRows
        try await table.client.withDedicatedConnection { connection in
            try await connection.execute(script: "TRUNCATE sessions")
            try await connection.query(Self.fillStatement, [.int8(Int64(rows - 1))])
            try await connection.execute(script: "VACUUM ANALYZE sessions")
            try await connection.execute(script: "CHECKPOINT")
        }
    }

    private func clean(
        _ table: SessionTable,
        name: String,
        pause: Duration
    ) async throws -> (name: String, seconds: Double, readers: Measurement) {
        var policy = SessionPolicy()
        policy.cleanupPause = pause
        let manager = table.manager(policy)
        progress("cleaning: \(name)")
        return try await alongside(table, name: name) { try await manager.cleanUp(CleanupRequest()).deleted }
    }

    /// Measures the readers for as long as something runs.
    private func alongside(
        _ table: SessionTable,
        name: String,
        _ work: @escaping @Sendable () async throws -> Int
    ) async throws -> (name: String, seconds: Double, readers: Measurement) {
        let isOver = Flag()
        async let readers = readers(table, for: 600, until: isOver)
        let clock = ContinuousClock()
        let start = clock.now
        let deleted = try await work()
        let elapsed = (clock.now - start).components
        isOver.raise()
        guard deleted == scale.cleaningRows / 2 else {
            throw PGBench.Failure(description: "\(name) deleted \(deleted) rows")
        }
        return (name, Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18, try await readers)
    }

    /// Eight readers that together ask two thousand times a second, whatever the answers take.
    private func readers(
        _ table: SessionTable,
        for seconds: Double,
        until isOver: Flag = Flag()
    ) async throws -> Measurement {
        let manager = table.manager()
        let rows = scale.cleaningRows
        let clock = ContinuousClock()
        let start = clock.now
        let end = start.advanced(by: .seconds(seconds))
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
            for reader in 0..<8 {
                group.addTask {
                    var latencies: [Double] = []
                    var due = start.advanced(by: .microseconds(500 * reader))
                    var number = reader
                    while due < end, !isOver.isRaised {
                        try await clock.sleep(until: due, tolerance: .zero)
                        number = (number &* 48_271 &+ 11) % (rows / 2)
                        let asked = clock.now
                        let session = try await manager.getSession(try SessionTable.id("real", number * 2))
                        guard session != nil else { throw PGBench.Failure(description: "a live session is gone") }
                        let (seconds, attoseconds) = (clock.now - asked).components
                        latencies.append(Double(seconds) * 1e6 + Double(attoseconds) * 1e-12)
                        due = max(due.advanced(by: .milliseconds(4)), clock.now)
                    }
                    return latencies
                }
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

    private func report(_ rows: [(name: String, seconds: Double, readers: Measurement)]) {
        var table = MarkdownTable(
            "Cleaning \(scale.cleaningRows / 2) expired of \(scale.cleaningRows) rows, readers beside it",
            columns: ["beside the readers", "seconds", "of one DELETE", "reads/s", "p50 ms", "p99 ms", "of idle p99"]
        )
        let idle = rows.first?.readers.p99 ?? 0
        let single = rows.last?.seconds ?? 0
        for (index, row) in rows.enumerated() {
            table.add([
                row.name, index == 0 ? "-" : MarkdownTable.seconds(row.seconds),
                index == 0 ? "-" : MarkdownTable.ratio(row.seconds, to: single), MarkdownTable.rate(row.readers.rate),
                MarkdownTable.milliseconds(row.readers.median), MarkdownTable.milliseconds(row.readers.p99),
                MarkdownTable.ratio(row.readers.p99 ?? 0, to: idle),
            ])
        }
        table.print()
    }
}

extension MarkdownTable {
    fileprivate static func seconds(_ seconds: Double) -> String {
        "\((seconds * 10).rounded() / 10)"
    }
}

/// Raised once, seen by all.
private final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .acquiring) }

    func raise() { value.store(true, ordering: .releasing) }
}
