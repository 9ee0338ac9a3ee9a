import Foundation
import Glibc
import PrivatePostgres

/// Runs pgbench, the yardstick: the same statement, by C, on as many connections as there are clients.
struct PGBench: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let server: BenchmarkServer

    /// The rate of a script's statements.
    ///
    /// - Parameter statementsPerRun: how many of them one run of the script has.
    func measure(
        _ name: String,
        script: String,
        clients: Int,
        seconds: Double,
        statementsPerRun: Int = 1
    ) async throws -> Measurement {
        let file = server.scratch.appending(path: "\(name).sql")
        try script.write(to: file, atomically: true, encoding: .utf8)
        let output = try await run([
            "--no-vacuum", "--protocol", "prepared", "--client", "\(clients)", "--jobs", "\(min(clients, 2))",
            "--time", "\(max(1, Int(seconds.rounded())))", "--file", file.path, server.postgres.connectionString,
        ])
        guard let match = output.firstMatch(of: /tps = ([0-9.]+) \(without/), let rate = Double(match.1) else {
            throw Failure(description: "pgbench did not tell a rate: \(output)")
        }
        return Measurement(rate: rate * Double(statementsPerRun))
    }

    /// A child inherits the signal mask, and the threads here block the SIGALRM that ends pgbench.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    private func run(_ arguments: [String]) async throws -> String {
        let process = Process()
        process.executableURL = try await PrivatePostgres.findInstallation().appending(path: "pgbench")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        let (ends, end) = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in end.finish() }
        try Self.withoutBlockedSignals { try process.run() }
        // Its output is a few lines, which the pipe holds.
        for await _ in ends {}
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        guard process.terminationStatus == 0 else { throw Failure(description: text) }
        return text
    }
}
