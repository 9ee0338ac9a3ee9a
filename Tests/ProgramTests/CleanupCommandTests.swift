import Foundation
import PostgresPipeline
import PrivatePostgres
import Secrets
import TestSupport
import Testing

@Suite("oidc-sessions cleanup")
struct CleanupCommandTests {
    /// One of each kind: alive, expired, an abandoned login, and two that were revoked, 40 days and a minute ago.
    private static let rows = """
        INSERT INTO sessions (id, kind, sub, created_at, last_accessed_at, expires_at, revoked_at, revoked_reason)
        SELECT encode(sha256(name::bytea), 'hex'), kind, sub, now() - age, now() - age, now() + ends, revoked,
            CASE WHEN revoked IS NOT NULL THEN 'logout' END
        FROM (VALUES
            ('alive', 'session', 'ada', interval '1 min', interval '1 h', NULL),
            ('expired', 'session', 'ada', interval '2 h', interval '-1 h', NULL),
            ('login', 'login', NULL, interval '20 min', interval '-10 min', NULL),
            ('revoked-long-ago', 'session', 'ada', interval '41 d', interval '-40 d', now() - interval '40 d'),
            ('revoked-just-now', 'session', 'ada', interval '2 min', interval '1 h', now() - interval '1 min')
        ) AS r (name, kind, sub, age, ends, revoked)
        """

    private func withRows(
        _ body: ((_ arguments: String...) async throws -> Program.Outcome, _ left: () async throws -> Int64)
            async throws
            -> Void
    ) async throws {
        try await TestDatabase.shared.withDatabase { uri in
            try await PostgresClient.withClient(
                configuration: PostgresConfiguration(connectionString: Secret(uri)),
                logger: TestDatabase.silentLogger
            ) { client in
                try await client.withDedicatedConnection { try await $0.execute(script: Self.rows) }
                let count = PostgresStatement("SELECT count(*) FROM sessions", parameters: [])
                try await body(
                    { (arguments: String...) in
                        // The sealing secret isn't needed to delete.
                        try await Program.run(["cleanup"] + arguments, environment: ["DATABASE_URL": uri])
                    },
                    { try #require(try await client.read(count).first).int8(0) }
                )
            }
        }
    }

    @Test("Without flags it deletes what is over, by the policy, and says so in the line that monitoring knows")
    func plain() async throws {
        try await withRows { cleanup, left async throws in
            let outcome = try await cleanup()
            #expect(outcome.exit == .code(0))
            #expect(outcome.output == "Successfully cleaned up 3 expired/old sessions\n")
            #expect(try await left() == 2)
            #expect(try await cleanup().output == "Successfully cleaned up 0 expired/old sessions\n")
        }
    }

    @Test("--dry-run counts and changes nothing; --verbose gives the counts of each kind")
    func dryRun() async throws {
        try await withRows { cleanup, left async throws in
            let outcome = try await cleanup("--dry-run", "--verbose")
            #expect(outcome.exit == .code(0))
            #expect(outcome.output.contains("Would clean up 3 expired/old sessions"))
            #expect(outcome.output.firstMatch(of: #/abandoned logins +1\n/#) != nil)
            #expect(try await left() == 5)
        }
    }

    @Test("--revoked deletes revoked sessions only: all, or those of --older-than-days")
    func revoked() async throws {
        try await withRows { cleanup, left async throws in
            #expect(try await cleanup("--revoked", "--older-than-days", "30").output.contains(" 1 expired/old"))
            #expect(try await left() == 4)
            #expect(try await cleanup("--revoked").output.contains(" 1 expired/old"))
            #expect(try await left() == 3)
        }
    }

    @Test("--stats shows the numbers and changes nothing")
    func statistics() async throws {
        try await withRows { cleanup, left async throws in
            let outcome = try await cleanup("--stats")
            #expect(outcome.exit == .code(0))
            #expect(outcome.output.hasPrefix("Session Stats - Total: 4, Active: 1, Expired: 1, Revoked: 2\n"))
            #expect(try await left() == 5)
        }
    }

    @Test("On a database that was never migrated it says what to run")
    func notMigrated() async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let outcome = try await Program.run(["cleanup"], environment: ["DATABASE_URL": uri])
            #expect(outcome.exit == .code(1))
            #expect(outcome.errors.contains("oidc-sessions migrate up"))
        }
    }
}
