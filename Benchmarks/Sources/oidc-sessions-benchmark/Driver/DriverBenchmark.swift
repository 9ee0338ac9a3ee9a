import PostgresPipeline

/// The driver alone: point SELECTs by primary key, against pgbench with as many clients.
struct DriverBenchmark {
    private static let table = """
        CREATE TABLE driver_sessions (
            id bigint PRIMARY KEY,
            subject text NOT NULL,
            tenant text NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL
        ) WITH (fillfactor = 85);
        """
    private static let fill = PostgresStatement(
        """
        INSERT INTO driver_sessions
        SELECT n, 'subject-' || md5(n::text), 'tenant-' || n % 100, now(), now() + interval '1 hour'
        FROM generate_series(1, $1) AS n
        """,
        parameters: [.int8]
    )
    private static let columns = "SELECT subject, tenant, created_at, expires_at FROM driver_sessions"
    /// By the primary key.
    private static let select = PostgresStatement("\(columns) WHERE id = $1", parameters: [.int8])

    let server: BenchmarkServer
    let scale: Scale

    func run() async throws {
        progress("driver: filling a table with \(scale.rows) rows")
        try await server.withClient { client in
            // Has no statement timeout.
            try await client.withDedicatedConnection { connection in
                try await connection.execute(script: Self.table)
                try await connection.query(Self.fill, [.int8(Int64(scale.rows))])
                try await connection.execute(script: "VACUUM ANALYZE driver_sessions")
            }
        }
        var results: [Int: [(driver: Measurement, pgbench: Measurement)]] = [:]
        var pipelined: [Measurement] = []
        try await server.withClient { client in
            _ = try await measure(client, tasks: 8, seconds: 1)
            for round in 1...max(1, scale.rounds) {
                progress("driver: round \(round) of \(scale.rounds)")
                for tasks in scale.tasks {
                    let driver = try await measure(client, tasks: tasks, seconds: scale.seconds)
                    let pgbench = try await pgbench(clients: tasks)
                    results[tasks, default: []].append((driver, pgbench))
                }
                pipelined.append(try await pgbenchPipelined())
            }
        }
        report(results, Measurement.median(of: pipelined))
    }

    private func measure(_ client: PostgresClient, tasks: Int, seconds: Double) async throws -> Measurement {
        let rows = UInt64(scale.rows)
        return try await Measurement.run(tasks: tasks, seconds: seconds) { random in
            let result = try await client.read(Self.select, .int8(Int64(random % rows + 1)))
            guard let row = result.first else { throw PGBench.Failure(description: "a row is missing") }
            _ = try (row.text(0), row.text(1), row.timestamp(2), row.timestamp(3))
        }
    }

    private func pgbench(clients: Int) async throws -> Measurement {
        let script = "\\set id random(1, \(scale.rows))\n\(Self.columns) WHERE id = :id;\n"
        return try await PGBench(server: server)
            .measure("point", script: script, clients: clients, seconds: scale.seconds)
    }

    /// pgbench's limit: two connections with fifty statements on the way at a time.
    private func pgbenchPipelined() async throws -> Measurement {
        let statements = (0..<50).map { _ in
            "\\set id random(1, \(scale.rows))\n\(Self.columns) WHERE id = :id;"
        }
        let script = "\\startpipeline\n\(statements.joined(separator: "\n"))\n\\endpipeline\n"
        return try await PGBench(server: server)
            .measure("pipelined", script: script, clients: 2, seconds: scale.seconds, statementsPerRun: 50)
    }

    private func report(_ results: [Int: [(driver: Measurement, pgbench: Measurement)]], _ limit: Measurement) {
        var table = MarkdownTable(
            "Driver: point SELECT by primary key, \(scale.rows) rows, one connection",
            columns: ["tasks", "driver/s", "p50 ms", "p99 ms", "pgbench/s", "ratio", "of pgbench pipelined"]
        )
        for tasks in scale.tasks {
            let driver = Measurement.median(of: results[tasks, default: []].map(\.driver))
            let pgbench = Measurement.median(of: results[tasks, default: []].map(\.pgbench))
            table.add([
                "\(tasks)", MarkdownTable.rate(driver.rate), MarkdownTable.milliseconds(driver.median),
                MarkdownTable.milliseconds(driver.p99), MarkdownTable.rate(pgbench.rate),
                MarkdownTable.ratio(driver.rate, to: pgbench.rate),
                MarkdownTable.ratio(driver.rate, to: limit.rate),
            ])
        }
        table.print()
        print("\npgbench is `-M prepared` with as many clients; its pipelined limit, 2 clients x 50, was")
        print("\(MarkdownTable.rate(limit.rate)) a second. PostgresNIO is not among them: no package registry that the")
        print("project builds from has it.")
    }
}
