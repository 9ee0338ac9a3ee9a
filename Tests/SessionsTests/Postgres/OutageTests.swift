import Patience
import PostgresPipeline
import Secrets
import Testing

@testable import Sessions

@Suite("Promise 9: with the database gone nobody is let in, and nobody is told that they are signed out")
struct OutageTests {
    @Test("RB-01 every verb fails while the database is gone, and works again without a restart")
    func outage() async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            let session = try await manager.completeLogin(login(), replacing: nil)
            let pending = try await manager.beginLogin(startedLogin())
            let name = try #require(try await fixture.text("SELECT current_database()::text"))

            try await administer("ALTER DATABASE \(name) WITH ALLOW_CONNECTIONS false")
            try await administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'")
            // A client with little patience, as a server has.
            var configuration = PostgresConfiguration(connectionString: Secret(fixture.connectionString))
            configuration.requestTimeout = .milliseconds(500)
            let impatient = PostgresClient(configuration: configuration, logger: fixture.log.logger)
            let running = Task { try await impatient.run() }
            let keyRing = fixture.keyRing
            let replica = SessionManager(client: impatient, keyRing: keyRing, logger: fixture.log.logger)
            let verbs: [@Sendable () async throws -> Void] = [
                { _ = try await replica.getSession(session.id) },
                { _ = try await replica.createSession(SessionAttributes()) },
                { _ = try await replica.updateSession(session.id, SessionUpdate()) },
                { _ = try await replica.deleteSession(session.id) },
                { _ = try await replica.claimLogin(pending.id, state: Secret("MARKED-state")) },
                { _ = try await replica.completeLogin(login(), replacing: nil) },
                { _ = try await replica.cleanUp() },
            ]
            for verb in verbs {
                let error = await #expect(throws: SessionError.self) { try await verb() }
                #expect(error?.isTransient == true, "\(String(describing: error))")
            }
            try await administer("ALTER DATABASE \(name) WITH ALLOW_CONNECTIONS true")

            #expect(try await recovered { try await replica.getSession(session.id) }?.subject == "alice")
            let claimed = try await recovered {
                try await replica.claimLogin(pending.id, state: Secret("MARKED-state"))
            }
            #expect(claimed != nil, "nothing was lost or taken meanwhile")
            #expect(try await recovered { try await manager.getSession(session.id) } != nil)
            #expect(!fixture.log.all.joined().contains("MARKED"))
            running.cancel()
            _ = await running.result
        }
    }

    /// Tries until the database is back; a bound, so that a client that never recovers fails the test.
    private func recovered<Value>(_ body: () async throws -> Value) async throws -> Value {
        var value: Value?
        try await eventually("the database answers again") {
            do {
                value = try await body()
                return true
            } catch let error as SessionError where error.isTransient {
                return false
            }
        }
        return try #require(value)
    }

    /// Runs a statement from another database of the server.
    private func administer(_ statement: String) async throws {
        try await StoreFixture.with(migrated: false, connections: 1) { try await $0.execute(statement) }
    }
}
