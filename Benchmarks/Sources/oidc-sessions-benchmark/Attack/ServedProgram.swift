import Foundation
import PrivatePostgres

/// The real program, as a process of its own before the private Postgres.
final class ServedProgram {
    let port: UInt16
    private let process = Process()
    private let environment: [String: String]

    private let executable: URL

    /// Starts `serve`, migrating first, and waits until it is ready.
    init(server: BenchmarkServer, database: String, provider: AttackProvider, scale: AttackScale) async throws {
        port = try Wire.freePort()
        // Built beside this one.
        let besides = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        executable = scale.attackProgram.map { URL(filePath: $0) } ?? besides.appending(path: "oidc-sessions")
        environment = [
            "DATABASE_URL": server.postgres.connectionString(database: database),
            "BASE_URL": "http://127.0.0.1:\(port)", "PORT": "\(port)", "ADMIN_PORT": "0",
            "OIDC_ISSUER": provider.issuer, "OIDC_CLIENT_ID": "benchmark",
            "OIDC_CLIENT_SECRET": "benchmark-client-secret-of-some-length",
            "SESSION_SECRET": Data((0..<32).map { UInt8($0 * 37 % 256) }).base64EncodedString(),
            // Each honest user and attacker has an address of his own; cleaning is measured by itself.
            "TRUSTED_PROXIES": "127.0.0.1", "AUTOMATIC_SESSION_CLEANUP": "false",
            "LOGIN_TTL_SECONDS": "\(AttackScale.loginSeconds)",
        ].merging(scale.settings) { $1 }
        let log = server.scratch.appending(path: "serve-\(database).log")
        FileManager.default.createFile(atPath: log.path, contents: nil)
        process.executableURL = executable
        process.arguments = ["serve", "--migrate"]
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        let output = try FileHandle(forWritingTo: log)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let client = WebClient(port: port)
        for _ in 0..<600 {
            if process.isRunning, (try? client.get("/health/ready"))?.status == 200 { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        stop()
        throw Wire.Failure(saying: (try? String(contentsOf: log, encoding: .utf8)) ?? "serve did not start")
    }

    /// What is in memory, in MB.
    var residentMegabytes: Double {
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Double($0) }.map { $0 / 1024 } ?? 0
    }

    /// One run of `oidc-sessions cleanup`; answers its seconds.
    func cleanUp() async throws -> Double {
        let cleanup = Process()
        cleanup.executableURL = executable
        cleanup.arguments = ["cleanup"]
        cleanup.environment = environment
        cleanup.standardOutput = FileHandle.nullDevice
        cleanup.standardError = FileHandle.nullDevice
        let start = ContinuousClock.now
        try cleanup.run()
        while cleanup.isRunning {
            guard ContinuousClock.now - start < .seconds(300) else {
                cleanup.terminate()
                throw Wire.Failure(saying: "cleanup did not end")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        guard cleanup.terminationStatus == 0 else { throw Wire.Failure(saying: "cleanup failed") }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        for _ in 0..<300 where process.isRunning { usleep(100_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}
