import Foundation
import PrivatePostgres
import Testing

@Suite("docs/security.md")
struct SecurityTableTests {
    @Test("Its table is what the names of the tests say, and every case has a test or a reason")
    func table() async throws {
        let script = Document.root.appending(path: "scripts/security-table").path
        let found = FileManager.default.temporaryDirectory.appending(path: "security-table-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: found) }
        var command = Command("/usr/bin/env", ["python3", script, "--check"])
        command.errors = found.path
        let process = try await ChildProcess.start(command)
        let exit = await process.waitForExit(within: .seconds(60))
        let problems = (try? String(contentsOf: found, encoding: .utf8)) ?? ""
        #expect(exit == .code(0), "\(problems)")
    }
}
