import Foundation
import Glibc
import Patience
import PrivatePostgres

/// A program that a test has started, and that does not outlive the test run, however that ends.
///
/// Not Foundation's `Process`: it takes the end of a descriptor that the child inherits for the end of the child, and
/// any other program that is started at that moment inherits it too. The end would come when the last of them ends.
final class OutsideProgram: Sendable {
    private let process: ChildProcess
    private let output: URL
    private let name: String

    /// Starts a program; the child sees only the environment given here, with PATH and HOME of ours.
    init(
        _ program: URL,
        _ arguments: [String],
        environment: [String: String] = [:],
        directory: URL? = nil
    ) async throws {
        name = program.lastPathComponent
        output = FileManager.default.temporaryDirectory.appending(path: "output-\(UUID().uuidString)")
        let inherited = ProcessInfo.processInfo.environment.filter { ["HOME", "LANG"].contains($0.key) }
        // The kernel tells it when this test run is killed and can't.
        var command = Command(
            "/usr/bin/setpriv",
            ["--pdeathsig", "TERM", "--", program.path] + arguments,
            environment: inherited.merging(environment) { $1 }
        )
        command.workingDirectory = directory?.path
        command.output = output.path
        process = try await ChildProcess.start(command)
    }

    deinit {
        process.signal(SIGKILL)
        try? FileManager.default.removeItem(at: output)
    }

    /// Everything that it has said so far.
    var transcript: String {
        String(decoding: (try? Data(contentsOf: output)) ?? Data(), as: UTF8.self)
    }

    /// Waits for a line that a body makes something of.
    func firstLine<Value>(_ body: (String) -> Value?) async throws -> Value {
        var found: Value?
        try? await eventually("\(name) is ready, or has ended") {
            // The end first: what was written before it is all there then.
            let hasEnded = process.exit != nil
            found = completeLines.lazy.compactMap(body).first
            return found != nil || hasEnded
        }
        guard let found else { throw BrowserTestError("\(name) did not become ready:\n\(transcript)") }
        return found
    }

    /// Waits for the end of a program that ends by itself.
    func finished(within limit: Duration = .seconds(900)) async throws {
        let exit = await process.waitForExit(within: limit)
        guard exit == .code(0) else {
            process.signal(SIGKILL)
            let reason = exit.map { "\($0)" } ?? "no end within \(limit)"
            throw BrowserTestError("\(name) failed (\(reason)):\n\(transcript)")
        }
    }

    /// Asks it to end, as an operator would with SIGTERM, and waits until it has.
    func stop() async {
        process.signal(SIGTERM)
        if await process.waitForExit(within: .seconds(120)) == nil { process.signal(SIGKILL) }
        _ = await process.waitForExit(within: .seconds(60))
    }

    private var completeLines: [String] {
        transcript.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}
