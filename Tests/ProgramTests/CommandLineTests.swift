import Foundation
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
}
