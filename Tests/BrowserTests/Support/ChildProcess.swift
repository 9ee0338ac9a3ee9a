import Foundation

/// A program that a test has started, and that does not outlive the test run, however that ends.
final class ChildProcess: Sendable {
    /// The shell hears when our end of its input closes, which happens even when the test run is killed.
    private static let watched = """
        exec 3<&0
        "$@" </dev/null 3<&- &
        child=$!
        { read -r _ <&3; kill "$child"; } >/dev/null 2>&1 &
        watcher=$!
        wait "$child"
        status=$?
        # Foundation notices the end of a process when the last heir of its descriptors is gone.
        kill "$watcher" 2>/dev/null
        exit "$status"
        """

    private let process: Process
    private let lifeline: FileHandle
    private let output: OutputLines
    private let exit: AsyncStream<Int32>
    private let name: String

    /// Starts a program; the child sees only the environment given here, with PATH and HOME of ours.
    init(
        _ program: URL,
        _ arguments: [String],
        environment: [String: String] = [:],
        directory: URL? = nil
    ) throws {
        name = program.lastPathComponent
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", Self.watched, "sh", program.path] + arguments
        let inherited = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "LANG"].contains($0.key) }
        process.environment = inherited.merging(environment) { $1 }
        if let directory { process.currentDirectoryURL = directory }
        let input = Pipe()
        let merged = Pipe()
        process.standardInput = input
        process.standardOutput = merged
        process.standardError = merged
        lifeline = input.fileHandleForWriting

        output = OutputLines(merged.fileHandleForReading)
        let (exit, exitInput) = AsyncStream.makeStream(of: Int32.self)
        self.exit = exit
        process.terminationHandler = {
            exitInput.yield($0.terminationStatus)
            exitInput.finish()
        }
        try Self.withoutBlockedSignals { try process.run() }
    }

    /// Threads of the concurrency pool block signals, and a child inherits that: neither SIGTERM nor the end of its own
    /// children would reach it.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    /// Everything that it has said so far.
    var transcript: String { output.transcript }

    /// Waits for a line that a body makes something of; call it once.
    func firstLine<Value: Sendable>(_ body: (String) -> Value?) async throws -> Value {
        for await line in output.lines {
            if let value = body(line) { return value }
        }
        throw BrowserTestError("\(name) ended before it was ready:\n\(transcript)")
    }

    /// Waits for the end of a program that ends by itself.
    func finished() async throws {
        for await status in exit where status != 0 {
            throw BrowserTestError("\(name) failed with \(status):\n\(transcript)")
        }
    }

    /// Asks it to end, as an operator would with SIGTERM, and waits until it has.
    func stop() async {
        try? lifeline.close()
        for await _ in exit {}
    }
}
