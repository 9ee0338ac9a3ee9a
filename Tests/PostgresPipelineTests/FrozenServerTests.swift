import Foundation
import Glibc
import Patience
import PostgresPipeline
import PrivatePostgres
import Secrets
import TestSupport
import Testing

/// Servers that neither answer nor close: stopped processes.
@Suite("Frozen servers")
struct FrozenServerTests {
    private static let process = PostgresStatement("SELECT pg_backend_pid()")

    @Test("a connection whose server is silent is given up although nobody waits for its answers any more")
    func givenUp() async throws {
        let log = RecordedLog()
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            var configuration = PostgresConfiguration(connectionString: Secret(uri))
            // The server is taken for dead 5.5 s after its last word, when nobody waits any more.
            configuration.requestTimeout = .seconds(5)
            configuration.statementTimeout = .milliseconds(4_500)
            try await PostgresClient.withClient(configuration: configuration, logger: log.logger) { client in
                let pid = try #require(try await client.read(Self.process).first).int4(0)
                kill(pid, SIGSTOP)
                defer { kill(pid, SIGCONT) }
                let read = Task { try await client.read(ReadTests.echo, .int8(1)) }
                read.cancel()
                _ = await read.result
                let late = Task { try await client.read(ReadTests.echo, .int8(2)) }
                _ = await late.result
                func isLost() -> Bool {
                    log.lines.contains { $0.contains("connection lost") && $0.contains("connection=read-0") }
                }
                try await eventually("the connection counts as lost") { isLost() }
            }
        }
    }

    @Test("a shutdown ends although the whole server is frozen")
    func shutdown() async throws {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        var options = PrivatePostgres.Options()
        options.durable = false
        let server = try await PrivatePostgres.start(directory: directory, options: options)
        var configuration = PostgresConfiguration(connectionString: Secret(server.connectionString))
        configuration.requestTimeout = .seconds(5)
        // The server is not taken for dead before the time to drain is over: there is something to cancel then.
        configuration.statementTimeout = .zero
        let client = PostgresClient(configuration: configuration, logger: TestDatabase.silentLogger)
        let running = Task { try await client.run() }
        let pid = try #require(try await client.read(Self.process).first).int4(0)
        kill(pid, SIGSTOP)
        kill(server.processID, SIGSTOP)
        let read = Task { try await client.read(ReadTests.echo, .int8(1)) }
        try await Task.sleep(for: .milliseconds(100))
        running.cancel()
        let thaw = Task {
            // Only a shutdown that hangs lets this come to pass.
            try await Task.sleep(for: .seconds(30))
            kill(server.processID, SIGCONT)
            kill(pid, SIGCONT)
            return true
        }
        _ = await running.result
        thaw.cancel()
        let wasThawed = (try? await thaw.value) ?? false
        #expect(!wasThawed, "the shutdown waited for the server")
        kill(server.processID, SIGCONT)
        kill(pid, SIGCONT)
        await #expect(throws: PostgresError.self) { try await read.value }
        try await server.stopImmediately()
    }
}
