import Foundation
import Glibc
import PrivatePostgres
import Testing

@Suite("The command line")
struct CommandLineTests {
    @Test(
        "Each command explains itself",
        arguments: [
            ["serve"], ["dev"], ["migrate"], ["migrate", "up"], ["migrate", "status"], ["migrate", "verify"],
            ["cleanup"], ["keys"], ["keys", "generate"], ["keys", "rotate"], ["keys", "status"], ["sessions"],
            ["sessions", "list"], ["sessions", "show"], ["sessions", "stats"], ["sessions", "revoke"],
            ["sessions", "revoke-user"], ["doctor"], ["manual"], [],
        ]
    )
    func help(command: [String]) async throws {
        let outcome = try await Program.run(command + ["--help"])
        #expect(outcome.exit == .code(0))
        #expect(outcome.output.contains("USAGE: oidc-sessions"))
        #expect(outcome.errors == "")
    }

    @Test("The version is on standard output")
    func version() async throws {
        let outcome = try await Program.run(["--version"])
        #expect(outcome.exit == .code(0))
        #expect(outcome.output.wholeMatch(of: #/[0-9]+\.[0-9]+\.[0-9]+\n/#) != nil)
    }

    @Test(
        "Bad usage exits with 2 and says so on standard error",
        arguments: [
            ["nonsense"], ["migrate", "sideways"], ["migrate", "up", "--frobnicate"], ["dev", "--port", "0"],
            ["dev", "--port", "http"], ["cleanup", "--older-than-days=-1"], ["cleanup", "--set", "novalue"],
            ["migrate", "status", "--folder", "/nonexistent"], ["migrate", "status", "--config", "/nonexistent"],
        ]
    )
    func badUsage(arguments: [String]) async throws {
        let outcome = try await Program.run(arguments, environment: ["DATABASE_URL": "postgresql://nobody@/none"])
        #expect(outcome.exit == .code(2))
        #expect(outcome.output == "")
        #expect(!outcome.errors.isEmpty)
    }

    @Test("Generated keys are 32 bytes each and never the same")
    func generate() async throws {
        let first = try await Program.run(["keys", "generate"])
        let second = try await Program.run(["keys", "generate"])
        #expect(first.exit == .code(0))
        #expect(first.output != second.output)
        let bytes = try #require(Data(base64Encoded: first.output.trimmingCharacters(in: .newlines)))
        #expect(bytes.count == 32)
    }

    @Test("What bad usage repeats of the arguments does nothing to a terminal")
    func escapedUsage() async throws {
        let outcome = try await Program.run(["sessions", "list", "--state", "\u{1B}[31mred"])
        #expect(outcome.exit == .code(2))
        #expect(outcome.errors.contains("\\u{1b}[31mred"), "\(outcome.errors)")
        #expect(!outcome.errors.contains("\u{1B}"))
        #expect(outcome.errorLines.count > 1)
    }

    @Test("An answer that could not be written ends with 1; one whose reader has gone away doesn't")
    func unwritten() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "output-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        // The reader of the pipe is closed before anything is written.
        let abandoned = #"cd "$1" && mkfifo pipe && exec 3<>pipe 4>pipe 3<&- && exec "$0" keys generate >&4"#
        for (script, code) in [(#"exec "$0" keys generate >/dev/full"#, Int32(1)), (abandoned, 0)] {
            var command = Command("/bin/sh", ["-c", script, Program.path, directory.path])
            let errors = directory.appending(path: "errors-\(code)").path
            command.errors = errors
            let process = try await ChildProcess.start(command)
            defer { process.signal(SIGKILL) }
            #expect(await process.waitForExit(within: .seconds(60)) == .code(code))
            let said = try String(contentsOfFile: errors, encoding: .utf8)
            #expect(said.contains("standard output: No space left on device") == (code == 1), "\(said)")
        }
    }
}
