import Foundation
import PostgresPipeline
import Secrets
import Sessions
import TestSupport
import Testing

/// Two deployments in one database, each in a schema that its connection string names.
@Suite("Deployments that share a database")
struct SharedDatabaseTests {
    private static func withSchemas(_ body: (StoreFixture, StoreFixture) async throws -> Void) async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let configuration = PostgresConfiguration(connectionString: Secret(uri))
            try await PostgresClient.withClient(configuration: configuration, logger: TestDatabase.silentLogger) {
                for schema in ["one", "two"] { try await $0.write(PostgresStatement("CREATE SCHEMA \(schema)")) }
            }
            let uris = ["one", "two"].map { "\(uri)&options=-csearch_path%3D\($0)" }
            for uri in uris { try await TestDatabase.migrate(uri) }
            try await StoreFixture.connected(to: uris[0]) { one in
                try await StoreFixture.connected(to: uris[1]) { try await body(one, $0) }
            }
        }
    }

    @Test("RX-05 SS-18 two deployments in schemas of one database know nothing of each other's sessions and logins")
    func schemas() async throws {
        try await Self.withSchemas { one, two in
            let (first, second) = (one.manager(), two.manager())
            let session = try await first.completeLogin(login(), replacing: nil)
            let pending = try await first.beginLogin(startedLogin())
            let own = try await second.completeLogin(login(), replacing: nil)
            #expect(try await second.getSession(session.id) == nil)
            #expect(try await second.revokeSession(session.handle) == false)
            #expect(try await second.deleteSession(session.id) == false)
            #expect(try await second.claimLogin(pending.id, state: Secret("MARKED-state")) == nil)
            #expect(try await second.getUserSessions(alice).map(\.handle) == [own.handle])
            #expect(try await second.invalidateUserSessions(alice) == 1)
            try await one.pass(.days(8))
            #expect(try await second.cleanUp().expiredSessions == 0)
            #expect(try await first.cleanUp().expiredSessions == 1)
            #expect(try await one.text("SELECT count(*)::text FROM two.audit_log WHERE action = 'LOGIN'") == "1")
        }
    }

    @Test("RX-05 they take turns at cleaning: it is one lock for the database")
    func cleaning() async throws {
        try await Self.withSchemas { one, two in
            let didRun = try await one.store.withExclusiveCleaning { _ async throws(SessionError) in
                try await two.manager().cleanUp().didRun
            }
            #expect(didRun == false)
            #expect(try await two.manager().cleanUp().didRun)
        }
    }
}
