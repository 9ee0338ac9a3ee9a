import Foundation
import PostgresPipeline
import PrivatePostgres
import Secrets
import TestSupport
import Testing

/// The recipes of Examples/scheduling, run as they are but for the places where things lie.
@Suite("Examples/scheduling")
struct SchedulingTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Examples/scheduling")

    /// The sessions that are left alone.
    private static let kept: Int64 = 12

    private static let cronSecret = "pV7n2Qx9Lr4Tz1Ws8Ky5Bd3Fm6Hc0JgA"

    private static let overdue = PostgresStatement(
        """
        INSERT INTO sessions (id, sub, created_at, last_accessed_at, expires_at)
        SELECT
            encode(sha256(('over-' || n)::bytea), 'hex'), 'ada',
            now() - interval '2 days', now() - interval '2 days', now() - interval '1 day'
        FROM generate_series(1, 42) AS n
        """
    )

    /// Sessions that were not used for 60 days and are no longer kept by the default of 30, but are by the server's.
    private static let seldomUsed = PostgresStatement(
        """
        INSERT INTO sessions (id, sub, created_at, last_accessed_at, expires_at)
        SELECT
            encode(sha256(('seldom-' || n)::bytea), 'hex'), 'ada',
            now() - interval '60 days', now() - interval '60 days', now() + interval '300 days'
        FROM generate_series(1, 12) AS n
        """
    )

    /// What `serve` has: by the defaults, other sessions would go.
    private static let settings = """
        {
          "SESSION_DURATION_HOURS": 8760, "SESSION_ABSOLUTE_DAYS": 400, "SESSION_INACTIVITY_TIMEOUT_DAYS": 90,
          "MAX_SESSIONS_PER_USER": 100
        }
        """

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.folder.appending(path: path), encoding: .utf8)
    }

    /// A database with 42 sessions that are over, its URI in a file, and a count of what is left.
    private func withOverdueSessions(
        _ body: (_ uri: String, _ scratch: URL, _ left: @escaping () async throws -> Int64) async throws -> Void
    ) async throws {
        let scratch = TestDatabase.scratchDirectory()
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        try await TestDatabase.shared.withDatabase { uri in
            try await PostgresClient.withClient(
                configuration: PostgresConfiguration(connectionString: Secret(uri)),
                logger: TestDatabase.silentLogger
            ) { client in
                try await client.write(Self.overdue)
                try await client.write(Self.seldomUsed)
                try (uri + "\n").write(to: scratch.appending(path: "database-url"), atomically: true, encoding: .utf8)
                try Self.settings.write(to: scratch.appending(path: "settings.json"), atomically: true, encoding: .utf8)
                let count = PostgresStatement("SELECT count(*) FROM sessions WHERE revoked_at IS NULL")
                try await body(uri, scratch) { try #require(try await client.read(count).first).int8(0) }
            }
        }
    }

    /// Runs a program to its end and answers what it wrote.
    private func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        in scratch: URL
    ) async throws -> (exit: ChildProcess.Exit?, output: String) {
        let output = scratch.appending(path: "output-\(UUID().uuidString)")
        var command = Command(program, arguments, environment: environment)
        command.output = output.path
        let exit = try await ChildProcess.start(command).waitForExit(within: .seconds(120))
        return (exit, try String(contentsOf: output, encoding: .utf8))
    }

    // MARK: cron

    @Test("crontab: its one line, run by sh with its own variables, cleans")
    func crontab() async throws {
        try await withOverdueSessions { _, scratch, left async throws in
            let log = scratch.appending(path: "cleanup.log").path
            let lines = try text("crontab")
                .replacing("/usr/local/bin/oidc-sessions", with: Program.path)
                .replacing("/var/log/oidc-sessions-cleanup.log", with: log)
                .replacing("/etc/oidc-sessions/", with: scratch.path + "/")
                .split(separator: "\n").filter { !$0.hasPrefix("#") }
            var environment: [String: String] = [:]
            var commands: [String] = []
            for line in lines {
                if let entry = line.wholeMatch(of: #/([0-9*/,-]+ ){5}(?<command>.*)/#) {
                    commands.append(String(entry.command))
                } else {
                    let assignment = try #require(line.wholeMatch(of: #/([A-Z_]+)=(\S+)/#), "\(line)")
                    environment[String(assignment.1)] = String(assignment.2)
                }
            }
            let command = try #require(commands.first)
            #expect(commands.count == 1)
            // cron makes a line feed of it (crontab(5)).
            #expect(!command.contains("%"))
            let outcome = try await run("/bin/sh", ["-c", command], environment: environment, in: scratch)
            #expect(outcome.exit == .code(0))
            // Nothing to mail.
            #expect(outcome.output == "")
            let logged = try String(contentsOfFile: log, encoding: .utf8)
            #expect(logged.contains("Successfully cleaned up 42 expired/old sessions"))
            #expect(logged.contains(#/SESSION_INACTIVITY_TIMEOUT_DAYS +90\n/#), "\(logged)")
            #expect(try await left() == Self.kept)

            // And when it fails, cron has something to mail that is no secret.
            environment["DATABASE_URL_FILE"] = "/nonexistent"
            let failed = try await run("/bin/sh", ["-c", command], environment: environment, in: scratch)
            #expect(failed.output.hasPrefix("session cleanup failed"))
        }
    }

    // MARK: systemd

    @Test(
        "systemd: the units are what systemd-analyze accepts",
        .enabled(if: SystemdUnit.verifier != nil, "needs systemd-analyze")
    )
    func systemdUnits() async throws {
        let scratch = TestDatabase.scratchDirectory()
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let units = try ["service", "timer"].map { try SystemdUnit("scheduling/systemd/oidc-sessions-cleanup.\($0)") }
        #expect(try await SystemdUnit.complaints(about: units, in: scratch) == "")
    }

    @Test("systemd: the service's command, with the credential that it loads, cleans")
    func systemdCommand() async throws {
        try await withOverdueSessions { _, scratch, left async throws in
            let unit = try SystemdUnit("scheduling/systemd/oidc-sessions-cleanup.service")
            let outcome = try await run(
                Program.path,
                try unit.arguments(credentials: scratch),
                environment: try unit.environment(credentials: scratch),
                in: scratch
            )
            #expect(outcome.exit == .code(0), "\(outcome.output)")
            #expect(try await left() == Self.kept)
        }
    }

    // MARK: GitHub Actions

    /// The script of a workflow's last step.
    private func step(_ name: String) throws -> String {
        let workflow = try text("github-actions/\(name)")
        let block = try #require(workflow.firstMatch(of: #/run: \|\n(?<script>(?: {10}.*\n)+)/#)).script
        return block.split(separator: "\n").map { String($0.dropFirst(10)) }.joined(separator: "\n")
    }

    /// GitHub runs steps with these flags.
    private func runStep(
        _ script: String,
        environment: [String: String],
        in scratch: URL
    ) async throws -> (exit: ChildProcess.Exit?, output: String) {
        let arguments = ["--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        let environment = environment.merging(["RUNNER_TEMP": scratch.path]) { $1 }
        return try await run("/bin/bash", arguments, environment: environment, in: scratch)
    }

    @Test("GitHub Actions with a way to the database: its step cleans by the server's settings, and not without them")
    func githubProgramStep() async throws {
        try await withOverdueSessions { uri, scratch, left async throws in
            let script = try step("session-cleanup.yml").replacing(".build/release/oidc-sessions", with: Program.path)
            var environment = ["DATABASE_URL": uri, "DRY_RUN": "", "SETTINGS": ""]
            #expect(try await runStep(script, environment: environment, in: scratch).exit == .code(2))
            environment["SETTINGS"] = Self.settings
            environment["DRY_RUN"] = "--dry-run"
            let dry = try await runStep(script, environment: environment, in: scratch)
            #expect(dry.output.contains("Would clean up 42 expired/old sessions"), "\(dry.output)")
            environment["DRY_RUN"] = ""
            #expect(try await runStep(script, environment: environment, in: scratch).exit == .code(0))
            #expect(try await left() == Self.kept)
        }
    }

    // MARK: HTTP

    /// A server with the cron secret.
    private func withServer(
        _ body: (_ origin: String, _ scratch: URL, _ left: @escaping () async throws -> Int64) async throws -> Void
    ) async throws {
        try await withOverdueSessions { uri, scratch, left async throws in
            var environment = Program.servingEnvironment(database: uri)
            environment["CRON_SECRET"] = Self.cronSecret
            environment["AUTOMATIC_SESSION_CLEANUP"] = "false"
            let arguments = ["serve", "--config", scratch.appending(path: "settings.json").path]
            try await RunningProgram.withProgram(arguments, environment: environment) { program in
                let address = try await program.wait(for: #"serves http://localhost:8080 on (127\.0\.0\.1:[0-9]+)"#)
                try await Browser.withBrowser { try await $0.waitUntilReady("http://\(address)") }
                try await body("http://\(address)", scratch, left)
            }
        }
    }

    /// Where something else stands at the path and answers without an error: curl reads a file as it would a page.
    private func application(in scratch: URL) throws -> String {
        let folder = scratch.appending(path: "api/cron")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let page = folder.appending(path: "cleanup-sessions")
        try "It works, with \"success\": perhaps.\n".write(to: page, atomically: true, encoding: .utf8)
        return "file://" + scratch.path
    }

    private static let success = "\"message\":\"Successfully deleted 42 expired session(s)\""

    @Test("HTTP cron service: the curl recipe cleans, and fails when the secret is wrong")
    func curl() async throws {
        try await withServer { origin, scratch, left async throws in
            let script = Self.folder.appending(path: "http/cleanup-sessions").path
            let header = scratch.appending(path: "cron-header")
            var environment = ["BASE_URL": origin, "CRON_HEADER_FILE": header.path]
            try "Authorization: Bearer \(Self.cronSecret)".dropLast()
                .write(to: header, atomically: true, encoding: .utf8)
            let refused = try await run("/bin/sh", [script], environment: environment, in: scratch)
            #expect(refused.exit == .code(22), "\(refused.output)")
            #expect(refused.output.contains("\"error\":"), "\(refused.output)")
            #expect(try await left() == 42 + Self.kept)

            try "Authorization: Bearer \(Self.cronSecret)\n".write(to: header, atomically: true, encoding: .utf8)
            let outcome = try await run("/bin/sh", [script], environment: environment, in: scratch)
            #expect(outcome.exit == .code(0), "\(outcome.output)")
            #expect(outcome.output.contains(Self.success), "\(outcome.output)")
            #expect(try await left() == Self.kept)

            environment["BASE_URL"] = try application(in: scratch)
            let other = try await run("/bin/sh", [script], environment: environment, in: scratch)
            #expect(other.exit == .code(1), "\(other.output)")
            #expect(other.output.hasPrefix("It works"), "\(other.output)")

            environment["CRON_HEADER_FILE"] = nil
            #expect(try await run("/bin/sh", [script], environment: environment, in: scratch).exit == .code(2))
        }
    }

    @Test("GitHub Actions over HTTP: its step cleans, with the secret on standard input")
    func githubStep() async throws {
        try await withServer { origin, scratch, left async throws in
            let script = try step("session-cleanup-http.yml")
            var environment = ["BASE_URL": origin, "CRON_SECRET": Self.cronSecret]
            let outcome = try await runStep(script, environment: environment, in: scratch)
            #expect(outcome.exit == .code(0), "\(outcome.output)")
            #expect(outcome.output.contains(Self.success), "\(outcome.output)")
            #expect(try await left() == Self.kept)
            environment["BASE_URL"] = try application(in: scratch)
            #expect(try await runStep(script, environment: environment, in: scratch).exit == .code(1))
            environment["BASE_URL"] = origin
            environment["CRON_SECRET"] = "wrong"
            #expect(try await runStep(script, environment: environment, in: scratch).exit == .code(22))
        }
    }

    @Test("A scheduler that can only GET: vercel.json's path cleans, and without run=true nothing would")
    func getOnly() async throws {
        try await withServer { origin, scratch, left async throws in
            let document = try JSONSerialization.jsonObject(with: Data(try text("get-only/vercel.json").utf8))
            let crons = try #require((document as? [String: Any])?["crons"] as? [[String: String]])
            let path = try #require(crons.first?["path"])
            #expect(crons.first?["schedule"] == "0 2 * * *")
            let header = scratch.appending(path: "cron-header")
            try "Authorization: Bearer \(Self.cronSecret)".write(to: header, atomically: true, encoding: .utf8)
            func get(_ path: String) async throws -> String {
                let arguments = ["--fail-with-body", "--silent", "--show-error", "--header", "@\(header.path)"]
                let outcome = try await run("/usr/bin/env", ["curl"] + arguments + [origin + path], in: scratch)
                #expect(outcome.exit == .code(0), "\(outcome.output)")
                return outcome.output
            }
            let statistics = try await get(String(path.prefix { $0 != "?" }))
            #expect(statistics.contains("\"expired\":42"), "\(statistics)")
            #expect(try await left() == 42 + Self.kept)
            #expect(try await get(path).contains(Self.success))
            #expect(try await left() == Self.kept)
        }
    }

    // MARK: All of them

    @Test("No recipe has a secret in an argument")
    func noSecretInArguments() throws {
        let files = try #require(FileManager.default.enumerator(atPath: Self.folder.path)).compactMap { $0 as? String }
        let recipes = files.filter { !$0.hasSuffix(".md") && URL(filePath: $0).lastPathComponent.contains(/[.]|^c/) }
        #expect(recipes.count >= 8)
        for name in recipes {
            for line in try text(name).split(separator: "\n") where !line.contains("#") {
                let inArgument = line.contains(/(-H|--header|--user|-u) +"?(Authorization|[^@"]*\$)/)
                #expect(!inArgument, "\(name): \(line)")
                #expect(!line.contains(/(--set|--database).*(URL|SECRET)/), "\(name): \(line)")
            }
        }
    }

    @Test("Examples/README.md and the table of recipes list every file")
    func listed() throws {
        let readme = try text("README.md")
        let files = try #require(FileManager.default.enumerator(at: Self.folder, includingPropertiesForKeys: nil))
            .compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath && $0.lastPathComponent != "README.md" }
        for name in files.map(\.lastPathComponent) {
            #expect(readme.contains("/\(name))") || readme.contains("(\(name))"), "\(name)")
        }
        let examples = try String(contentsOf: Self.folder.appending(path: "../README.md"), encoding: .utf8)
        #expect(examples.contains("(scheduling/README.md)"))
    }
}
