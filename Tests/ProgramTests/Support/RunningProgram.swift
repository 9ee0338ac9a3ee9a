import Foundation
import Glibc
import PrivatePostgres
import Testing

/// A program that has been started and not been waited for.
struct RunningProgram {
    let process: ChildProcess
    private let directory: URL

    /// What it has written so far.
    var output: String { contents("output") }
    var errors: String { contents("errors") }

    /// Starts the program, lends it, and ends it if it still runs.
    static func withProgram<R>(
        _ arguments: [String],
        environment: [String: String] = [:],
        _ body: (RunningProgram) async throws -> R
    ) async throws -> R {
        let directory = FileManager.default.temporaryDirectory.appending(path: "program-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var command = Command(Program.path, arguments, environment: environment)
        command.output = directory.appending(path: "output").path
        command.errors = directory.appending(path: "errors").path
        let program = RunningProgram(process: try await ChildProcess.start(command), directory: directory)
        defer { program.process.signal(SIGKILL) }
        return try await body(program)
    }

    /// Waits until standard output has a line in which `pattern` is found, and answers the match's first group.
    func wait(for pattern: String, within limit: Duration = .seconds(120)) async throws -> String {
        let expression = try Regex(pattern, as: (Substring, Substring).self)
        let deadline = ContinuousClock.now + limit
        while true {
            // The end first: what was written before it is all there then.
            let hasEnded = process.exit != nil
            if let match = try expression.firstMatch(in: output) { return String(match.1) }
            try #require(!hasEnded && ContinuousClock.now < deadline, "no \(pattern) in \(output)\n\(errors)")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Waits until standard error has so many lines with a text in them.
    func wait(forLines count: Int, with text: String, within limit: Duration = .seconds(60)) async throws {
        let deadline = ContinuousClock.now + limit
        while errors.split(separator: "\n").count(where: { $0.contains(text) }) < count {
            try #require(process.exit == nil && ContinuousClock.now < deadline, "no \(text) in \(errors)")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Asks it to end, and waits for it.
    func terminate(with signal: Int32 = SIGTERM, within limit: Duration = .seconds(60)) async -> ChildProcess.Exit? {
        process.signal(signal)
        return await process.waitForExit(within: limit)
    }

    private func contents(_ name: String) -> String {
        (try? String(contentsOf: directory.appending(path: name), encoding: .utf8)) ?? ""
    }
}
