import PostgresPipeline
import Sessions

/// What readers notice while the cleaner removes a large part of the table, against nothing and against one DELETE.
struct CleaningBenchmark {
    // The rows that have expired lie among the others, and end in another order than they lie.
    private static let fillStatement = PostgresStatement(
        """
        INSERT INTO sessions (id, issuer, sub, user_agent, created_at, last_accessed_at, expires_at)
        SELECT
            encode(sha256(convert_to('real-benchmark-' || n, 'UTF8')), 'hex'), 'https://id.example', 'user-' || n,
            repeat('x', 120), now() - interval '1 hour', now() - interval '10 minutes',
            now() + CASE WHEN n < $2 THEN -random() * interval '7 days' ELSE interval '7 days' END
        FROM (SELECT generate_series(0, $1) AS n ORDER BY random()) AS numbers
        """,
        parameters: [.int8, .int8]
    )
    private static let deleteAll = PostgresStatement(
        "DELETE FROM sessions WHERE revoked_at IS NULL AND expires_at <= now()"
    )
    private static let walStatement = PostgresStatement(
        "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::BIGINT"
    )

    let server: BenchmarkServer
    let scale: CleaningScale

    private struct Row {
        let name: String
        let seconds: Double
        let wal: Int64
        let readers: Measurement
        let isCleaning: Bool
    }

    func run() async throws {
        try await server.withClient { client in
            let table = try SessionTable(client: client)
            try await table.migrate()
            var rows: [Row] = []
            try await refill(table)
            let clock = ContinuousClock()
            rows.append(
                try await alongside(table, name: "nothing", isCleaning: false) {
                    try await clock.sleep(for: .seconds(10))
                    return scale.expired
                }
            )
            rows.append(try await clean(table, name: "the cleaner, no pause", pause: .zero))
            try await refill(table)
            rows.append(try await clean(table, name: "the cleaner, pause of 100 ms", pause: .milliseconds(100)))
            try await refill(table)
            rows.append(
                try await alongside(table, name: "one DELETE", isCleaning: true) {
                    try await client.withDedicatedConnection { try await $0.query(Self.deleteAll).affectedRows }
                }
            )
            report(rows)
        }
    }

    private func refill(_ table: SessionTable) async throws {
        progress("cleaning: filling the table with \(scale.cleaningRows) rows, \(scale.expired) of them expired")
        try await table.client.withDedicatedConnection { connection in
            try await connection.execute(script: "TRUNCATE sessions")
            try await connection.query(
                Self.fillStatement,
                [.int8(Int64(scale.cleaningRows - 1)), .int8(Int64(scale.expired))]
            )
            try await connection.execute(script: "VACUUM ANALYZE sessions")
            try await connection.execute(script: "CHECKPOINT")
        }
    }

    private func clean(_ table: SessionTable, name: String, pause: Duration) async throws -> Row {
        var policy = SessionPolicy()
        policy.cleanupPause = pause
        let manager = table.manager(policy)
        return try await alongside(table, name: name, isCleaning: true) {
            try await manager.cleanUp(CleanupRequest()).deleted
        }
    }

    /// Measures the readers for as long as something runs.
    private func alongside(
        _ table: SessionTable,
        name: String,
        isCleaning: Bool,
        _ work: @escaping @Sendable () async throws -> Int
    ) async throws -> Row {
        progress("cleaning: \(name)")
        let readers = CleaningReaders(table: table, scale: scale)
        let wal = try await position(table)
        async let measurement = readers.run()
        let clock = ContinuousClock()
        let start = clock.now
        let outcome: Result<Int, any Error>
        do { outcome = .success(try await work()) } catch { outcome = .failure(error) }
        let elapsed = (clock.now - start).components
        readers.end()
        let readersMeasurement = try await measurement
        guard try outcome.get() == scale.expired else {
            throw PGBench.Failure(description: "\(name) deleted \(try outcome.get()) rows")
        }
        return Row(
            name: name,
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18,
            wal: try await position(table) - wal,
            readers: readersMeasurement,
            isCleaning: isCleaning
        )
    }

    private func position(_ table: SessionTable) async throws -> Int64 {
        try await table.client.withDedicatedConnection { try await $0.query(Self.walStatement).first?.int8(0) ?? 0 }
    }

    private func report(_ rows: [Row]) {
        var table = MarkdownTable(
            "Cleaning \(scale.expired) expired of \(scale.cleaningRows) rows, \(scale.cleaningClients) clients beside it",
            columns: [
                "beside the clients", "seconds", "of one DELETE", "rows/s", "WAL MB", "reads/s", "p50 ms", "p99 ms",
                "of idle p99",
            ]
        )
        let idle = rows.first?.readers.p99 ?? 0
        let single = rows.last?.seconds ?? 0
        for row in rows {
            let rate = Double(scale.expired) / row.seconds
            table.add([
                row.name, row.isCleaning ? MarkdownTable.tenths(row.seconds) : "-",
                row.isCleaning ? MarkdownTable.ratio(row.seconds, to: single) : "-",
                row.isCleaning ? MarkdownTable.rate(rate) : "-",
                MarkdownTable.tenths(Double(row.wal) / 1_048_576),
                MarkdownTable.rate(row.readers.rate), MarkdownTable.milliseconds(row.readers.median),
                MarkdownTable.milliseconds(row.readers.p99), MarkdownTable.ratio(row.readers.p99 ?? 0, to: idle),
            ])
        }
        table.print()
        print("\nEach client reads a session, every eighth time as a use that is written. The WAL is everybody's.")
    }
}

extension MarkdownTable {
    fileprivate static func tenths(_ number: Double) -> String {
        "\((number * 10).rounded() / 10)"
    }
}
