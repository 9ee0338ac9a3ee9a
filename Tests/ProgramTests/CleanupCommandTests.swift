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

    @Test("--verbose says by which limits it judged, and nothing of connections")
    func limits() async throws {
        try await ProgramDatabase.withDatabase { database in
            let own = [
                "MAX_SESSIONS_PER_USER": "7", "SESSION_DURATION_MINUTES": "90", "CLEAN_INACTIVE_SESSIONS": "false",
            ]
            let outcome = try await database.run("cleanup", "--verbose", environment: own)
            #expect(outcome.exit == .code(0))
            for line in [
                "SESSION_DURATION_MINUTES 90", "MAX_SESSIONS_PER_USER 7", "SESSION_ABSOLUTE_DAYS 30",
                "SESSION_INACTIVITY_TIMEOUT_DAYS left alone", "REVOKED_SESSION_RETENTION_DAYS 30",
            ] {
                let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
                let shown = try Regex("\n\(parts[0]) +\(parts[1])\n")
                #expect(outcome.output.contains(shown), "\(line): \(outcome.output)")
            }
            #expect(!outcome.errors.contains("connection"), "\(outcome.errors)")
            let json = try await database.run("cleanup", "--verbose", "--json", "--revoked", environment: own).json()
            let limits = try #require(json["limits"] as? [String: String])
            #expect(limits["REVOKED_SESSION_RETENTION_DAYS"] == "0")
            #expect(limits["MAX_SESSIONS_PER_USER"] == "left alone")
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

    @Test("--json is for programs: counts of each kind, and with --stats the statistics")
    func json() async throws {
        try await withRows { cleanup, left async throws in
            let dry = try await cleanup("--dry-run", "--json").json()
            #expect(dry["deletedCount"] as? Int == 3)
            #expect(dry["dryRun"] as? Bool == true)
            #expect(try await left() == 5)
            let report = try await cleanup("--json", "--verbose").json()
            #expect(report["deletedCount"] as? Int == 3)
            #expect((report["counts"] as? [String: Int])?["abandonedLogins"] == 1)
            #expect((report["stats"] as? [String: Any])?["totalSessions"] as? Int == 2)
            let stats = try await cleanup("--stats", "--json").json()
            #expect(stats["deletedCount"] == nil)
            #expect((stats["stats"] as? [String: Any])?["totalActiveSessions"] as? Int == 1)
        }
    }

    @Test("--stats --verbose, as the documents have it, changes nothing either")
    func verboseStatistics() async throws {
        try await withRows { cleanup, left async throws in
            let outcome = try await cleanup("--stats", "--verbose")
            #expect(outcome.exit == .code(0))
            #expect(outcome.output.hasPrefix("Session Stats - "))
            #expect(try await left() == 5)
        }
    }

    @Test(
        "what makes no sense together is refused with exit code 2",
        arguments: [
            ["--stats", "--dry-run"], ["--stats", "--revoked"], ["--stats", "--older-than-days", "3"],
            ["--older-than-days", "36501"], ["--older-than-days", "-1"], ["--older-than-days", "x"],
        ]
    )
    func refused(arguments: [String]) async throws {
        let outcome = try await Program.run(["cleanup"] + arguments, environment: ["DATABASE_URL": "postgresql://x@/y"])
        #expect(outcome.exit == .code(2))
        #expect(outcome.output == "")
    }

    @Test("the audit trail has who ran it, and a database out of reach is 75")
    func auditAndOutage() async throws {
        try await ProgramDatabase.withDatabase { database in
            #expect(try await database.run("cleanup").exit == .code(0))
            let surfaces = try await database.texts("SELECT details #>> '{by,surface}' FROM audit_log")
            #expect(surfaces == ["cli"])
        }
        let nowhere = ["DATABASE_URL": "postgresql://x@/none?host=%2Fnonexistent"]
        #expect(try await Program.run(["cleanup"], environment: nowhere).exit == .code(75))
    }

    @Test("on a terminal a bar shows how far it is, and leaves the answer alone on the screen")
    func progress() async throws {
        try await ProgramDatabase.withDatabase { database in
            try await database.addSessions(
                (1...12_000).map { "p\($0)" },
                subject: "ada",
                set: "expires_at = now() - interval '1 h'"
            )
            let (exit, shown) = try await PseudoTerminal.run(
                ["cleanup"],
                columns: 80,
                environment: ["DATABASE_URL": database.uri]
            )
            #expect(exit == .code(0))
            #expect(shown.contains("cleaned 12000 of 12000, 100 %"), "\(shown)")
            #expect(shown.hasSuffix("\rSuccessfully cleaned up 12000 expired/old sessions\n"), "\(shown)")
        }
    }

    @Test("the documents' own acceptance: of 490 sessions, 469 revoked, 21 are left")
    func acceptance() async throws {
        try await ProgramDatabase.withDatabase { database in
            try await database.addSessions(
                (1...469).map { "r\($0)" },
                subject: "ada",
                set: "revoked_at = now() - interval '1 min', revoked_reason = 'logout'"
            )
            try await database.addSessions((1...21).map { "a\($0)" }, subject: "grace")
            let outcome = try await database.run("cleanup", "--revoked")
            #expect(outcome.output == "Successfully cleaned up 469 expired/old sessions\n")
            #expect(try await database.number("SELECT count(*) FROM sessions") == 21)
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
