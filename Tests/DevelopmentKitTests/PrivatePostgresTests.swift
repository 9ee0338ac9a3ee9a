import Foundation
import Testing

@testable import PrivatePostgres

// One after another: each has an initdb to run.
@Suite("A private Postgres", .serialized)
struct PrivatePostgresTests {
    /// A server in a directory that is gone afterwards.
    private func withDirectory(_ body: (URL) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "private-postgres-\(UUID().uuidString.prefix(8))", directoryHint: .isDirectory)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory)
    }

    private var fast: PrivatePostgres.Options {
        var options = PrivatePostgres.Options()
        options.durable = false
        return options
    }

    /// Runs one statement through psql and answers what it prints.
    private func query(_ sql: String, _ uri: String, in directory: URL) async throws -> String {
        let answer = directory.appending(path: "answer-\(UUID().uuidString)")
        var command = Command(
            try await PrivatePostgres.findInstallation().appending(path: "psql").path,
            ["--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--command", sql, uri]
        )
        command.output = answer.path
        command.errors = answer.path + ".errors"
        try await command.run(within: .seconds(20))
        return try String(contentsOf: answer, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test("Nothing is written through a link, and nothing at its other end changes hands")
    func links() async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            let victim = directory.appending(path: "victim")
            try Data("untouched".utf8).write(to: victim)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: victim.path)
            let link = directory.appending(path: "link")
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: victim)

            var command = Command("/bin/echo", ["overwritten"])
            command.output = link.path
            await #expect(throws: PrivatePostgresError.self) { try await command.run(within: .seconds(20)) }
            #expect(throws: PrivatePostgresError.self) { try ServerAccount.current().takeOver(link, mode: 0o600) }

            #expect(try String(contentsOf: victim, encoding: .utf8) == "untouched")
            let mode = try FileManager.default.attributesOfItem(atPath: victim.path)[.posixPermissions] as? Int
            #expect(mode == 0o644)
        }
    }

    @Test("A restart finds the data of the first start, under the same connection string")
    func restartKeepsData() async throws {
        try await withDirectory { directory in
            let first = try await PrivatePostgres.start(directory: directory, options: fast)
            _ = try await query("CREATE TABLE kept AS SELECT 42 AS n", first.connectionString, in: directory)
            let second = try await first.restart()
            #expect(second.connectionString == first.connectionString)
            #expect(try await query("SELECT n FROM kept", second.connectionString, in: directory) == "42")
            try await second.stop()
            #expect(!second.isRunning)
        }
    }

    @Test("A start after a crash recovers what was committed")
    func crashKeepsData() async throws {
        try await withDirectory { directory in
            let first = try await PrivatePostgres.start(directory: directory, options: fast)
            _ = try await query("CREATE TABLE kept AS SELECT 7 AS n", first.connectionString, in: directory)
            try await first.stopImmediately()
            let second = try await PrivatePostgres.start(directory: directory, options: fast)
            #expect(try await query("SELECT n FROM kept", second.connectionString, in: directory) == "7")
            try await second.stop()
        }
    }

    @Test("A server that outlived its starter is ended before the next one starts")
    func reapsStrays() async throws {
        try await withDirectory { directory in
            let first = try await PrivatePostgres.start(directory: directory, options: fast)
            // What a killed starter leaves: a running server, and a lock that the system took back.
            first.lock.release()
            let second = try await PrivatePostgres.start(directory: directory, options: fast)
            #expect(!first.isRunning)
            #expect(try await query("SELECT 1", second.connectionString, in: directory) == "1")
            try await second.stop()
        }
    }

    @Test("What a killed test run leaves is removed, its server included; what is in use or young is left")
    func removesAbandoned() async throws {
        try await withDirectory { parent in
            let abandoned = try await PrivatePostgres.start(directory: parent.appending(path: "run-1"), options: fast)
            abandoned.lock.release()
            let used = try await PrivatePostgres.start(directory: parent.appending(path: "run-2"), options: fast)
            let other = parent.appending(path: "other")
            try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)

            await PrivatePostgres.removeAbandoned(prefix: "run-", in: parent, olderThan: 3600)
            #expect(abandoned.isRunning)
            await PrivatePostgres.removeAbandoned(prefix: "run-", in: parent, olderThan: 0)
            #expect(!abandoned.isRunning)
            #expect(!FileManager.default.fileExists(atPath: abandoned.directory.path))
            #expect(used.isRunning)
            #expect(FileManager.default.fileExists(atPath: other.path))
            try await used.stop()
        }
    }

    @Test("A second program can't take a directory that is in use")
    func refusesDirectoryInUse() async throws {
        try await withDirectory { directory in
            let first = try await PrivatePostgres.start(directory: directory, options: fast)
            let error = await #expect(throws: PrivatePostgresError.self) {
                try await PrivatePostgres.start(directory: directory, options: fast)
            }
            #expect(error?.code == .inUse)
            #expect(first.isRunning)
            try await first.stop()
        }
    }

    @Test("A path too long for a socket gets a short one, the same at each start")
    func longPath() async throws {
        try await withDirectory { parent in
            let directory = parent.appending(path: String(repeating: "long", count: 30), directoryHint: .isDirectory)
            let first = try await PrivatePostgres.start(directory: directory, options: fast)
            #expect(try await query("SELECT 1", first.connectionString, in: parent) == "1")
            let second = try await first.restart()
            #expect(second.connectionString == first.connectionString)
            try await second.stop()
            #expect(!FileManager.default.fileExists(atPath: second.layout.socketDirectory.path))
        }
    }

    @Test("A directory below one that only we may enter works as well")
    func closedParent() async throws {
        try await withDirectory { parent in
            try FileManager.default.createDirectory(
                at: parent,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            let server = try await PrivatePostgres.start(directory: parent.appending(path: "db"), options: fast)
            #expect(try await query("SELECT 1", server.connectionString, in: parent) == "1")
            try await server.stop()
        }
    }

    @Test("Nobody but the server's account can enter the directory of the socket")
    func closedSocket() async throws {
        try await withDirectory { directory in
            let server = try await PrivatePostgres.start(directory: directory, options: fast)
            let attributes = try FileManager.default.attributesOfItem(atPath: server.layout.socketDirectory.path)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
            #expect(try await query("SHOW listen_addresses", server.connectionString, in: directory) == "")
            #expect(server.loopbackPort == nil)
            try await server.stop()
        }
    }

    @Test("Over TCP the password is asked for, and kept over a restart with the port")
    func loopback() async throws {
        try await withDirectory { directory in
            var options = fast
            options.listenOnLoopback = 0
            let first = try await PrivatePostgres.start(directory: directory, options: options)
            let uri = try #require(try first.loopbackConnectionString())
            #expect(try await query("SELECT 1", uri, in: directory) == "1")
            let port = try #require(first.loopbackPort)
            await #expect(throws: PrivatePostgresError.self) {
                try await query("SELECT 1", "postgresql://postgres:wrong@127.0.0.1:\(port)/postgres", in: directory)
            }
            let second = try await first.restart()
            #expect(try second.loopbackConnectionString() == uri)
            #expect(try await query("SELECT 1", uri, in: directory) == "1")
            try await second.stop()
        }
    }

    @Test("A server that can't start says why")
    func saysWhy() async throws {
        try await withDirectory { directory in
            var options = fast
            options.settings = ["shared_buffers": "'much'"]
            let error = await #expect(throws: PrivatePostgresError.self) {
                try await PrivatePostgres.start(directory: directory, options: options)
            }
            #expect(error?.code == .notReady)
            #expect(error?.message.contains("shared_buffers") == true)
        }
    }

    @Test("Half an initdb is begun again")
    func interruptedInitdb() async throws {
        try await withDirectory { directory in
            let half = directory.appending(path: "data.unfinished")
            try FileManager.default.createDirectory(at: half, withIntermediateDirectories: true)
            try Data("15\n".utf8).write(to: half.appending(path: "PG_VERSION"))
            let server = try await PrivatePostgres.start(directory: directory, options: fast)
            #expect(try await query("SELECT 1", server.connectionString, in: directory) == "1")
            try await server.stop()
        }
    }

    @Test("Without an installation the error has the command that installs one")
    func namesTheCommand() {
        let error = PrivatePostgresError.notInstalled(oldest: 15)
        #expect(error.message.contains("apt-get install -y postgresql"))
    }
}
