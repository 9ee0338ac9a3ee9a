import Foundation
import Glibc
import Patience
import PrivatePostgres
import TestSupport
import Testing

@Suite("oidc-sessions dev", .serialized)
struct DevCommandTests {
    /// Starts `dev` in a directory and lends it once its page can be opened.
    private func withDev<R>(
        _ directory: URL,
        port: UInt16,
        _ body: (RunningProgram) async throws -> R
    ) async throws -> R {
        let arguments = ["dev", "--directory", directory.path, "--port", "\(port)"]
        return try await RunningProgram.withProgram(arguments) { program in
            #expect(try await program.wait(for: "Open (http://localhost:[0-9]+)") == "http://localhost:\(port)")
            return try await body(program)
        }
    }

    @Test("Who signed in is still signed in after a restart; the key is made once and nobody else may read it")
    func survivesRestart() async throws {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let port = try PrivatePostgres.freePort()
        let origin = "http://localhost:\(port)"
        let keyFile = directory.appending(path: "session-secret").path
        try await Browser.withBrowser { browser in
            let key = try await withDev(directory, port: port) { program in
                let page = try await browser.signIn(at: origin, as: "user-ada")
                #expect(page.status == 200)
                #expect(page.body.contains("Ada Lovelace"))
                #expect(await program.terminate(with: SIGINT) == .code(0))
                #expect(program.output.hasSuffix("Stopped\n"))
                let attributes = try FileManager.default.attributesOfItem(atPath: keyFile)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
                return try String(contentsOfFile: keyFile, encoding: .utf8)
            }
            try await withDev(directory, port: port) { program in
                let session = try await browser.request(origin + "/session", accept: "application/json")
                #expect(session.status == 200)
                #expect(session.body.contains("\"subject\":\"user-ada\""))
                #expect(try String(contentsOfFile: keyFile, encoding: .utf8) == key)
                #expect(await program.terminate() == .code(0))
                #expect(!program.errors.contains("error"), "\(program.errors)")
            }
        }
    }

    @Test("After kill -9 no server is left behind, and the next start finds what was committed")
    func survivesKill() async throws {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let port = try PrivatePostgres.freePort()
        let origin = "http://localhost:\(port)"
        let pidFile = directory.appending(path: "postgres/data/postmaster.pid")
        try await Browser.withBrowser { browser in
            try await withDev(directory, port: port) { program in
                _ = try await browser.signIn(at: origin, as: "user-grace")
                let lines = try String(contentsOf: pidFile, encoding: .utf8).split(separator: "\n")
                let server = try #require(pid_t(lines[0]))
                #expect(kill(server, 0) == 0)
                #expect(await program.terminate(with: SIGKILL) == .signal(SIGKILL))
                try await eventually("the server has ended with the program") { kill(server, 0) != 0 }
            }
            try await withDev(directory, port: port) { _ in
                let session = try await browser.request(origin + "/session", accept: "application/json")
                #expect(session.body.contains("\"subject\":\"user-grace\""))
            }
        }
    }

    @Test("It listens on loopback only, and its database on no port at all")
    func loopbackOnly() async throws {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        try await withDev(directory, port: try PrivatePostgres.freePort()) { program in
            let metrics = try await program.wait(for: "Metrics are at (http://[^ ]+/metrics)\n")
            #expect(metrics.hasPrefix("http://127.0.0.1:"))
            try await Browser.withBrowser { browser async throws in
                #expect(try await browser.request(metrics).body.contains("# TYPE "))
            }
            // The kernel's table may lose a line while others come and go: look until the three are there.
            var listening: [String] = []
            try await eventually("it listens on three ports") {
                listening = try Sockets.listening(of: program.process.processID)
                #expect(listening.allSatisfy { $0 == "0100007F" }, "\(listening)")
                return listening.count >= 3
            }
            #expect(listening.count == 3)
        }
    }

    @Test("It says how other commands reach its database, and keeps tokens of its own for the other endpoints")
    func forOtherCommands() async throws {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let port = try PrivatePostgres.freePort()
        let origin = "http://localhost:\(port)"
        var kept: [String] = []
        for _ in 1...2 {
            let tokens = try await withDev(directory, port: port) { program in
                let uri = try await program.wait(for: "DATABASE_URL='([^']+)'")
                let sealing = try await program.wait(for: "SESSION_SECRET_FILE='([^']+)'")
                let environment = ["DATABASE_URL": uri, "SESSION_SECRET_FILE": sealing]
                #expect(try await Program.run(["keys", "status"], environment: environment).exit == .code(0))
                var tokens: [String] = []
                for (name, path) in [
                    ("ADMIN_TOKEN", "/api/admin/sessions/stats"), ("CRON_SECRET", "/api/cron/cleanup-sessions"),
                ] {
                    let file = try await program.wait(for: "\(name) is in (/[^\n]+)\n")
                    let attributes = try FileManager.default.attributesOfItem(atPath: file)
                    #expect(attributes[.posixPermissions] as? Int == 0o600)
                    let token = try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .newlines)
                    try await Browser.withBrowser { browser async throws in
                        #expect(try await browser.request(origin + path, bearer: token).status == 200)
                        #expect(try await browser.request(origin + path).status == 401)
                    }
                    #expect(!program.output.contains(token) && !program.errors.contains(token))
                    tokens.append(token)
                }
                return tokens
            }
            #expect(Set(tokens).count == 2)
            #expect(kept.isEmpty || kept == tokens)
            kept = tokens
        }
    }

    @Test("A second one in the same directory is refused and leaves the first alone")
    func secondOne() async throws {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let port = try PrivatePostgres.freePort()
        try await withDev(directory, port: port) { _ in
            let other = try PrivatePostgres.freePort()
            let outcome = try await Program.run(["dev", "--directory", directory.path, "--port", "\(other)"])
            #expect(outcome.exit == .code(1))
            #expect(outcome.errors.contains("another program runs a database"))
            #expect(Loopback.accepts(port: port))
        }
    }

    @Test("A port that is taken ends it with a line that names the flag, and stops the database")
    func portTaken() async throws {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let first = directory.appending(path: "first")
        let second = directory.appending(path: "second")
        let port = try PrivatePostgres.freePort()
        try await withDev(first, port: port) { _ in
            let outcome = try await Program.run(["dev", "--directory", second.path, "--port", "\(port)"])
            #expect(outcome.exit == .code(1))
            #expect(outcome.errorLines.last?.hasPrefix("oidc-sessions: --port: cannot listen on") == true)
            #expect(!FileManager.default.fileExists(atPath: second.path + "/postgres/data/postmaster.pid"))
        }
    }
}
