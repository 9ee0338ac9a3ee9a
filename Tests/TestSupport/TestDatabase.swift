public import Foundation
import Glibc
import Logging
import Migrations
import PostgresPipeline
public import PrivatePostgres
import Secrets
import Synchronization

/// One private Postgres for all tests of a process, with a fresh database for each test that asks.
///
/// It is started by the first test that needs it and ended with the process, however that ends.
public final class TestDatabase: Sendable {
    /// The one of this process.
    public static let shared = TestDatabase()

    private static let prefix = "oidc-sessions-tests-"

    private struct State {
        var server: Task<PrivatePostgres, any Error>?
        var template: Task<String, any Error>?
        var running: PrivatePostgres?
        var count = 0
    }
    private let state = Mutex(State())

    /// The server, for tests of what it does with several databases.
    ///
    /// Don't stop it: others use it.
    public func server() async throws -> PrivatePostgres {
        let task = state.withLock { state in
            if let task = state.server { return task }
            let task = Task { try await self.start() }
            state.server = task
            return task
        }
        return try await task.value
    }

    /// A directory of its own for one more server, away from this one; removed with its contents by the caller.
    public static func scratchDirectory() -> URL {
        ScratchDirectories.make()
    }

    /// Makes a database, lends it, and drops it.
    ///
    /// - Parameters:
    ///   - migrated: whether all migrations are applied to it.
    ///   - creation: options of `createdb`, for one that isn't migrated: another encoding, another locale.
    ///   - body: gets the libpq URI.
    public func withDatabase<R>(
        migrated: Bool = true,
        creation: [String] = [],
        _ body: (String) async throws -> R
    ) async throws -> R {
        await Self.turnstile.enter()
        defer { Self.turnstile.leave() }
        let server = try await server()
        let template = migrated ? try await self.template(on: server) : "template0"
        let name = nextName()
        try await administer(server, "createdb", creation + ["--template", template, name])
        let result: Result<R, any Error>
        do {
            result = .success(try await body(server.connectionString(database: name)))
        } catch {
            result = .failure(error)
        }
        // What a cancelled test leaves behind must go too, hence a task of its own. Postgres gives up when a connection
        // takes more than five seconds to end; such a database goes with its server.
        try? await Task { try await administer(server, "dropdb", ["--force", "--if-exists", name]) }.value
        return try result.get()
    }

    private static let turnstile = Turnstile(places: 8)

    private func nextName() -> String {
        state.withLock { state in
            state.count += 1
            return "test_\(state.count)"
        }
    }

    /// The database that the others are copied from: files are copied faster than migrations run.
    private func template(on server: PrivatePostgres) async throws -> String {
        let task = state.withLock { state in
            if let task = state.template { return task }
            let task = Task { try await self.makeTemplate(on: server) }
            state.template = task
            return task
        }
        return try await task.value
    }

    private func makeTemplate(on server: PrivatePostgres) async throws -> String {
        let name = "migrated"
        try await administer(server, "createdb", ["--template", "template0", name])
        try await Self.migrate(server.connectionString(database: name))
        return name
    }

    /// Applies all migrations to a database.
    public static func migrate(_ uri: String) async throws {
        let configuration = PostgresConfiguration(connectionString: Secret(uri))
        try await PostgresClient.withClient(configuration: configuration, logger: silentLogger) { client in
            _ = try await Migrator(client: client, source: try .embedded(), logger: silentLogger).up()
        }
    }

    private func administer(_ server: PrivatePostgres, _ program: String, _ arguments: [String]) async throws {
        let installation = try await PrivatePostgres.findInstallation()
        let path = installation.appending(path: program).path
        let log = server.directory.appending(path: "\(program).log").path
        var command = Command(path, ["--maintenance-db", server.connectionString] + arguments)
        command.output = log
        try await command.run(within: .seconds(60))
    }

    private func start() async throws -> PrivatePostgres {
        ScratchDirectories.removeAbandoned()
        await PrivatePostgres.removeAbandoned(prefix: Self.prefix, in: FileManager.default.temporaryDirectory)
        var options = PrivatePostgres.Options()
        options.durable = false
        // Many tests wait for this one, on machines that do other things too.
        options.deadline = .seconds(300)
        options.settings = ["max_connections": "400", "shared_buffers": "'64MB'"]
        let name = Self.prefix + UUID().uuidString.prefix(8).lowercased()
        let directory = FileManager.default.temporaryDirectory.appending(path: name, directoryHint: .isDirectory)
        let server = try await PrivatePostgres.start(directory: directory, options: options)
        state.withLock { $0.running = server }
        atexit { TestDatabase.shared.stop() }
        return server
    }

    private func stop() {
        guard let server = state.withLock({ $0.running }) else { return }
        server.stopBlocking()
        try? FileManager.default.removeItem(at: server.directory)
    }
}
