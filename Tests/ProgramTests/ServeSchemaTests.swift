import Foundation
import Patience
import PostgresPipeline
import PrivatePostgres
import Secrets
import TestSupport
import Testing

@Suite("oidc-sessions serve waits for the schema's verdict")
struct ServeSchemaTests {
    private let address = #"serves http://localhost:8080 on (127\.0\.0\.1:[0-9]+)"#

    private func withClient<R: Sendable>(_ uri: String, _ body: (PostgresClient) async throws -> R) async throws -> R {
        try await PostgresClient.withClient(
            configuration: PostgresConfiguration(connectionString: Secret(uri)),
            logger: TestDatabase.silentLogger,
            body
        )
    }

    @Test("A database that can be reached but is too slow to answer: nothing listens before it has")
    func slowDatabase() async throws {
        try await TestDatabase.shared.withDatabase { uri in
            try await withClient(uri) { client in
                try await client.withDedicatedConnection { holder in
                    try await holder.execute(script: "DELETE FROM schema_migrations WHERE version > 11")
                    try await holder.execute(script: "BEGIN; LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE")
                    let environment = Program.servingEnvironment(database: uri)
                    try await RunningProgram.withProgram(["serve"], environment: environment) { program in
                        // The first check has run into its timeout, and another one is under way.
                        try await program.wait(forLines: 1, with: "waiting for the database")
                        #expect(try Sockets.listening(of: program.process.processID) == [])
                        try await holder.execute(script: "ROLLBACK")
                        #expect(await program.process.waitForExit(within: .seconds(60)) == .code(1))
                        #expect(program.errors.contains("oidc-sessions migrate up"))
                        #expect(program.output == "")
                    }
                }
            }
        }
    }

    @Test("A database that comes back is not served from before it has been checked")
    func comesBackUnchecked() async throws {
        let directory = TestDatabase.scratchDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        var options = PrivatePostgres.Options()
        options.durable = false
        options.settings = ["max_prepared_transactions": "4"]
        let first = try await PrivatePostgres.start(directory: directory, options: options)
        let environment = Program.servingEnvironment(database: first.connectionString)
        #expect(try await Program.run(["migrate", "up"], environment: environment).exit == .code(0))
        // A prepared transaction keeps its locks over a restart: the check will have to wait.
        try await withClient(first.connectionString) { client in
            try await client.withDedicatedConnection { connection in
                try await connection.execute(
                    script: "BEGIN; LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE; PREPARE TRANSACTION 'hold'"
                )
            }
        }
        try await first.stop()
        try await RunningProgram.withProgram(["serve"], environment: environment) { program in
            let origin = "http://" + (try await program.wait(for: address))
            let second = try await PrivatePostgres.start(directory: directory, options: options)
            try await Browser.withBrowser { browser async throws in
                try await withClient(second.connectionString) { client in
                    // It waits for the lock: it is connected, and knows nothing yet.
                    try await eventually("it waits for the lock") {
                        try await client.read(Self.waiting).first?.int8(0) != 0
                    }
                    #expect(try await browser.request(origin + "/health/live").status == 200)
                    for path in ["/session", "/login", "/health/ready", "/nothing"] {
                        let page = try await browser.request(origin + path, accept: "application/json")
                        #expect(page.status == 503, "\(path)")
                        #expect(page.body.contains("\"error\":\"unavailable\""), "\(page.body)")
                    }
                    try await client.withDedicatedConnection { connection in
                        try await connection.execute(script: "ROLLBACK PREPARED 'hold'")
                    }
                }
                try await browser.waitUntilReady(origin)
                #expect(try await browser.request(origin + "/session", accept: "application/json").status == 401)
            }
            #expect(await program.terminate() == .code(0))
            try await second.stop()
        }
    }

    private static let waiting = PostgresStatement(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'schema_migrations'::regclass",
        parameters: []
    )
}
