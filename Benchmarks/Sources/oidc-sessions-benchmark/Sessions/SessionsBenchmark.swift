import PostgresPipeline
import Secrets
import Sessions
import Synchronization

/// What `SessionManager` does, sealing and opening included, against the same statements in pgbench.
struct SessionsBenchmark {
    private struct Operation {
        let name: String
        let manager: @Sendable (Int) async throws -> Measurement
        let pgbench: @Sendable (Int) async throws -> Measurement
    }

    let server: BenchmarkServer
    let scale: Scale

    func run() async throws {
        try await server.withClient { client in
            let table = try SessionTable(client: client)
            progress("sessions: filling the table with \(scale.rows) rows")
            try await table.migrate()
            let ids = try await table.fill(rows: scale.rows)
            let operations = operations(table, ids).filter {
                scale.operations.isEmpty || scale.operations.contains($0.name)
            }
            var results: [String: [(manager: Measurement, pgbench: Measurement)]] = [:]
            for round in 1...max(1, scale.rounds) {
                for operation in operations {
                    progress("sessions: \(operation.name), round \(round) of \(scale.rounds)")
                    for tasks in scale.tasks {
                        let manager = try await operation.manager(tasks)
                        let pgbench = try await operation.pgbench(tasks)
                        results["\(operation.name) \(tasks)", default: []].append((manager, pgbench))
                    }
                }
            }
            report(operations.map(\.name), results)
        }
    }

    private func operations(_ table: SessionTable, _ ids: [SessionID]) -> [Operation] {
        let manager = table.manager()
        return [
            Operation(
                name: "get",
                manager: { tasks in
                    try await measure(tasks) { random in
                        let session = try await manager.getSession(ids[Int(random % UInt64(ids.count))])
                        guard session?.accessToken != nil else { throw PGBench.Failure(description: "no session") }
                    }
                },
                pgbench: { try await pgbench("get", SessionScripts.get(sessions: ids.count), $0) }
            ),
            Operation(
                name: "get, identity only",
                manager: { tasks in
                    try await measure(tasks) { random in
                        let id = ids[Int(random % UInt64(ids.count))]
                        guard try await manager.getSession(id, detail: .identity) != nil else {
                            throw PGBench.Failure(description: "no session")
                        }
                    }
                },
                pgbench: { try await pgbench("get", SessionScripts.get(sessions: ids.count), $0) }
            ),
            touch(table, ids),
            Operation(
                name: "create",
                manager: { tasks in
                    try await measure(tasks) { _ in
                        _ = try await manager.createSession(
                            SessionAttributes(
                                nonce: Secret("nonce"),
                                state: Secret("state"),
                                codeVerifier: Secret("verifier")
                            )
                        )
                    }
                },
                pgbench: { try await pgbench("create", SessionScripts.create(signedIn: false), $0) }
            ),
            Operation(
                name: "login completion",
                manager: { tasks in
                    try await measure(tasks) { random in
                        let attributes = SessionTable.attributes(subject: "login-\(random)")
                        _ = try await manager.createSession(attributes)
                    }
                },
                pgbench: { try await pgbench("login", SessionScripts.create(signedIn: true), $0) }
            ),
            delete(table),
        ]
    }

    /// As the touch writer does it: a hundred uses in a statement; pgbench one by one.
    private func touch(_ table: SessionTable, _ ids: [SessionID]) -> Operation {
        var policy = SessionPolicy()
        policy.updateAge = .zero
        let (store, frozen) = (
            PostgresSessionStore(client: table.client, keyRing: table.keyRing, logger: table.logger), policy
        )
        return Operation(
            name: "touch",
            manager: { tasks in
                let batches = try await measure(tasks) { random in
                    let touches = (0..<UInt64(100)).map { number in
                        SessionTouch(id: ids[Int((random &+ number &* 7919) % UInt64(ids.count))], age: .zero)
                    }
                    _ = try await store.touch(touches, policy: frozen)
                }
                return Measurement(rate: batches.rate * 100, median: batches.median, p99: batches.p99)
            },
            pgbench: { try await pgbench("touch", SessionScripts.touch(sessions: ids.count), $0) }
        )
    }

    private func delete(_ table: SessionTable) -> Operation {
        let manager = table.manager()
        let runs = Counter()
        let rows = Int(scale.seconds * 30_000)
        return Operation(
            name: "delete",
            manager: { tasks in
                let (name, next) = ("ours-\(runs.next())", Counter())
                try await table.fillForDeletion(name, count: rows)
                return try await measure(tasks) { _ in
                    guard try await manager.deleteSession(try SessionTable.id(name, next.next())) else {
                        throw PGBench.Failure(description: "nothing left to delete")
                    }
                }
            },
            pgbench: { tasks in
                let name = "pgbench-\(runs.next())"
                try await table.fillForDeletion(name, count: rows)
                try await table.client.withDedicatedConnection { connection in
                    try await connection.execute(
                        script:
                            "DROP SEQUENCE IF EXISTS deletions; CREATE SEQUENCE deletions MINVALUE 0 START 0 CACHE 100"
                    )
                }
                return try await pgbench("delete", SessionScripts.delete(name), tasks)
            }
        )
    }

    private func measure(
        _ tasks: Int,
        _ operation: @escaping @Sendable (UInt64) async throws -> Void
    ) async throws -> Measurement {
        try await Measurement.run(tasks: tasks, seconds: scale.seconds, operation)
    }

    private func pgbench(_ name: String, _ script: String, _ clients: Int) async throws -> Measurement {
        try await PGBench(server: server)
            .measure(name, script: script, clients: clients, seconds: scale.seconds)
    }

    private func report(
        _ operations: [String],
        _ results: [String: [(manager: Measurement, pgbench: Measurement)]]
    ) {
        var table = MarkdownTable(
            "SessionManager, \(scale.rows) rows",
            columns: ["operation", "tasks", "manager/s", "p50 ms", "p99 ms", "pgbench/s", "ratio"]
        )
        for name in operations {
            for tasks in scale.tasks {
                let measured = results["\(name) \(tasks)", default: []]
                let manager = Measurement.median(of: measured.map(\.manager))
                let pgbench = Measurement.median(of: measured.map(\.pgbench))
                table.add([
                    name, "\(tasks)", MarkdownTable.rate(manager.rate), MarkdownTable.milliseconds(manager.median),
                    MarkdownTable.milliseconds(manager.p99), MarkdownTable.rate(pgbench.rate),
                    MarkdownTable.ratio(manager.rate, to: pgbench.rate),
                ])
            }
        }
        table.print()
        print("\npgbench is `-M prepared` with as many clients, each with a connection of its own; the manager has")
        print("1 connection for reads and 4 for writes. Sealing and opening are in the manager's figures. A touch is")
        print("one of a hundred in a statement for the manager, and one statement for pgbench; both don't wait for")
        print("the disk.")
    }
}

/// Numbers from 0, for everybody a different one.
private final class Counter: Sendable {
    private let value = Atomic(0)

    func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
}
