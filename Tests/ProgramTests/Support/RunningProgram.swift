import Foundation
import Glibc
import Patience
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
        var found: String?
        try await hasWritten("a line with \(pattern)", within: limit) {
            found = try expression.firstMatch(in: output).map { String($0.1) }
            return found != nil
        }
        return try #require(found)
    }

    /// Waits until standard error has so many lines with a text in them.
    func wait(forLines count: Int, with text: String, within limit: Duration = .seconds(60)) async throws {
        try await hasWritten("\(count) lines with \(text)", within: limit) {
            errors.split(separator: "\n").count(where: { $0.contains(text) }) >= count
        }
    }

    /// Waits until what it has written is enough; its end is the end of waiting, too.
    private func hasWritten(_ what: String, within limit: Duration, _ isEnough: () throws -> Bool) async throws {
        do {
            try await eventually(what, within: limit) {
                // The end first: what was written before it is all there then.
                let hasEnded = process.exit != nil
                if try isEnough() { return true }
                try #require(!hasEnded, "it has ended without \(what)")
                return false
            }
        } catch {
            Issue.record("it has written: \(output)\n\(errors)")
            throw error
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
