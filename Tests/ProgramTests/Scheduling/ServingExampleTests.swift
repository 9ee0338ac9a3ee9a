import Foundation
import PrivatePostgres
import TestSupport
import Testing

/// The recipes of Examples/serving.
@Suite("Examples/serving")
struct ServingExampleTests {
    private func withScratch(_ body: (URL) async throws -> Void) async throws {
        let scratch = TestDatabase.scratchDirectory()
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        try await body(scratch)
    }

    @Test(
        "systemd: the server's unit is what systemd-analyze accepts",
        .enabled(if: SystemdUnit.verifier != nil, "needs systemd-analyze")
    )
    func unit() async throws {
        let unit = try SystemdUnit("serving/systemd/oidc-sessions.service")
        try await withScratch { scratch in
            let complaints = try await SystemdUnit.complaints(about: [unit], in: scratch)
            #expect(complaints == "")
            #expect(unit.values("ExecReload") == ["/bin/kill -HUP $MAINPID"])
        }
    }

    @Test("systemd: the unit's command, with the credentials that it loads and the settings beside it, serves")
    func command() async throws {
        try await withScratch { scratch in
            try await TestDatabase.shared.withDatabase(migrated: false) { uri in
                let unit = try SystemdUnit("serving/systemd/oidc-sessions.service")
                let settings = unit.file.deletingLastPathComponent().appending(path: "settings.json")
                var object = try #require(
                    try JSONSerialization.jsonObject(with: Data(contentsOf: settings)) as? [String: Any]
                )
                // Ports of this machine, not the example's.
                object["PORT"] = 0
                object["ADMIN_PORT"] = 0
                try JSONSerialization.data(withJSONObject: object).write(to: scratch.appending(path: "settings.json"))
                let credentials = ["database-url": uri, "session-secret": Program.secret, "client-secret": "a secret"]
                for (name, value) in credentials {
                    try (value + "\n").write(to: scratch.appending(path: name), atomically: true, encoding: .utf8)
                }
                try await RunningProgram.withProgram(
                    try unit.arguments(credentials: scratch),
                    environment: try unit.environment(credentials: scratch)
                ) { program in
                    let address = try await program.wait(
                        for: #"serves https://app\.example\.com on (127\.0\.0\.1:[0-9]+)"#
                    )
                    try await Browser.withBrowser { try await $0.waitUntilReady("http://\(address)") }
                    let exit = await program.terminate()
                    #expect(exit == .code(0))
                }
            }
        }
    }
}
