import ArgumentParser
import Foundation

/// Measures on a private Postgres and prints Markdown tables.
///
/// Compare ratios, never absolute figures of two machines.
@main
struct BenchmarkCommand: AsyncParsableCommand {
    enum Part: String, CaseIterable, ExpressibleByArgument {
        case driver
        case sessions
        case cleaning
        case attack
    }

    static let configuration = CommandConfiguration(
        commandName: "oidc-sessions-benchmark",
        abstract: "Measures against pgbench in the same run, interleaved, on a private Postgres."
    )

    @Option(help: "The parts to run, all when not given.")
    var only: [Part] = []

    @OptionGroup var scale: Scale

    @OptionGroup var cleaningScale: CleaningScale

    @OptionGroup var attackScale: AttackScale

    func run() async throws {
        try await BenchmarkServer.run { server in
            for part in only.isEmpty ? Part.allCases : only {
                switch part {
                case .driver: try await DriverBenchmark(server: server, scale: scale).run()
                case .sessions: try await SessionsBenchmark(server: server, scale: scale).run()
                case .cleaning: try await CleaningBenchmark(server: server, scale: cleaningScale).run()
                case .attack: try await AttackBenchmark(server: server, scale: attackScale).run()
                }
            }
        }
    }
}
