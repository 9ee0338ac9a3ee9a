import Foundation
import Logging
import PostgresPipeline
import PrivatePostgres
import Secrets

/// What honest users notice of attacks, what the program's memory and the table grow to, and what a cleaning gives back.
struct AttackBenchmark {
    let server: BenchmarkServer
    let scale: AttackScale

    func run() async throws {
        let provider = AttackProvider()
        try provider.start()
        var report = AttackReport(scale: scale)
        for kind in scale.attack.isEmpty ? AttackKind.allCases : scale.attack {
            // Each finds a table and a process of its own.
            let database = "attack_" + kind.rawValue.replacing("-", with: "_")
            try await server.withClient { client in
                try await client.withDedicatedConnection {
                    try await $0.execute(script: "CREATE DATABASE \(database)")
                }
            }
            let program = try await ServedProgram(
                server: server,
                database: database,
                provider: provider,
                scale: scale
            )
            let outcome: Result<AttackReport.Row, any Error>
            do {
                outcome = .success(try await measure(kind, program, provider, database))
            } catch {
                outcome = .failure(error)
            }
            program.stop()
            report.add(try outcome.get())
        }
        report.print()
    }

    private func measure(
        _ kind: AttackKind,
        _ program: ServedProgram,
        _ provider: AttackProvider,
        _ database: String
    ) async throws -> AttackReport.Row {
        let honest = HonestClients(port: program.port, scale: scale)
        _ = await honest.run(seconds: 3)
        progress("attack: nobody, before \(kind.rawValue)")
        let alone = await honest.run(seconds: scale.attackSeconds)
        let configuration = PostgresConfiguration(
            connectionString: Secret(server.postgres.connectionString(database: database))
        )
        let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        return try await PostgresClient.withClient(configuration: configuration, logger: logger) { client in
            var sizes = [try await TableSize.read(client)]
            let keysBefore = provider.count("/keys")
            let memoryBefore = program.residentMegabytes
            progress("attack: \(kind.rawValue)")
            let attackers = Attackers(kind: kind, port: honest.port, scale: scale, provider: provider)
            async let statuses = attackers.run(seconds: scale.attackSeconds)
            async let attacked = honest.run(seconds: scale.attackSeconds)
            var memory: [Double] = []
            for _ in 0..<scale.attackSeconds {
                try await Task.sleep(for: .seconds(1))
                memory.append(program.residentMegabytes)
            }
            let (answers, latencies) = (await statuses, await attacked)
            sizes.append(try await TableSize.read(client))
            var cleaning: Double?
            if kind.leavesRows {
                progress("attack: cleaning")
                try await Task.sleep(for: .seconds(AttackScale.loginSeconds + 1))
                cleaning = try await program.cleanUp()
                sizes.append(try await TableSize.read(client))
                progress("attack: \(kind.rawValue) again")
                _ = await attackers.run(seconds: scale.attackSeconds)
                sizes.append(try await TableSize.read(client))
            }
            return AttackReport.Row(
                kind: kind,
                alone: alone,
                attacked: latencies,
                statuses: answers,
                keyRequests: provider.count("/keys") - keysBefore,
                memory: (memoryBefore, memory.max() ?? 0, program.residentMegabytes),
                sizes: sizes,
                cleaningSeconds: cleaning
            )
        }
    }
}
