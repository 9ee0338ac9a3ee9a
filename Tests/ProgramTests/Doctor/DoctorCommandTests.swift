import Foundation
import PostgresPipeline
import PrivatePostgres
import Secrets
import Sessions
import TestSupport
import Testing

@testable import oidc_sessions

@Suite("oidc-sessions doctor")
struct DoctorCommandTests {
    private struct Report: Decodable {
        struct Check: Decodable {
            let level: String
            let name: String
            let message: String
        }
        let checks: [Check]
        let failed: Int
        let warned: Int

        func level(_ name: String) -> String? { checks.first { $0.name == name }?.level }
        func message(_ name: String) -> String { checks.first { $0.name == name }?.message ?? "" }
    }

    /// Runs it on a database, with parameters added to the URI.
    private func doctor(
        _ database: ProgramDatabase,
        parameters: String = "",
        environment: [String: String] = [:]
    ) async throws -> (report: Report, outcome: Program.Outcome) {
        let uri = database.uri + parameters
        let outcome = try await Program.run(
            ["doctor", "--json"],
            environment: ["DATABASE_URL": uri, "SESSION_SECRET": Program.secret].merging(environment) { $1 }
        )
        #expect(outcome.output.split(separator: "\n").count == 1, "\(outcome.errors)")
        return (try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8)), outcome)
    }

    @Test("A database as it should be passes every check, one line each")
    func healthy() async throws {
        try await ProgramDatabase.withDatabase { database in
            let (report, outcome) = try await doctor(database)
            #expect(outcome.exit == .code(0), "\(outcome.errors)")
            #expect(report.failed == 0)
            for name in ["database", "encoding", "clock", "migrations", "indexes", "vacuum", "sealing", "cleaner"] {
                #expect(report.level(name) == "ok", "\(name): \(report.message(name))")
            }
            // The role of the tests is a superuser.
            #expect(report.level("privileges") == "warn")
            #expect(
                report.message("indexes").contains("all \(PostgresSessionStore.hotStatements.count) hot statements")
            )
            let text = try await database.run("doctor")
            let lines = text.output.split(separator: "\n")
            #expect(lines.count == report.checks.count)
            #expect(lines.allSatisfy { $0.hasPrefix("ok    ") || $0.hasPrefix("warn  ") || $0.hasPrefix("fail  ") })
        }
    }

    @Test("A database out of reach is 75; the rest is looked at all the same, and no secret is shown")
    func unreachable() async throws {
        let outcome = try await Program.run(
            ["doctor"],
            environment: [
                "DATABASE_URL": "postgresql://someone:topsecret@/none?host=%2Fnonexistent",
                "SESSION_SECRET": Program.secret, "BASE_URL": "https://app.example.com",
                "OIDC_ISSUER": "http://127.0.0.1:9", "OIDC_CLIENT_ID": "app", "OIDC_CLIENT_SECRET": "topsecret2",
                "ADMIN_TOKEN": "3xYl0mQd9v2Tz8JwUe7RbKq1HnGs5CfA",
            ]
        )
        #expect(outcome.exit == .code(75))
        #expect(outcome.output.contains("\nfail  database: "))
        #expect(outcome.output.contains("\nfail  provider: discovery: not_connected"))
        #expect(outcome.output.contains("ok    redirect URI: https://app.example.com/callback"))
        #expect(outcome.output.contains("ok    admin secrets: 1 ADMIN_TOKEN"))
        #expect(outcome.errorLines.count == 1)
        let all = outcome.output + outcome.errors
        for secret in ["topsecret", "3xYl0mQd9v2Tz8JwUe7RbKq1HnGs5CfA", Program.secret] {
            #expect(!all.contains(secret))
        }
    }

    @Test("A failing check is exit code 1")
    func pending() async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let outcome = try await Program.run(["doctor"], environment: ["DATABASE_URL": uri])
            #expect(outcome.exit == .code(1))
            #expect(outcome.output.contains("\nfail  migrations: 11_sessions.sql"))
            #expect(outcome.output.contains("oidc-sessions migrate up"))
            #expect(outcome.output.contains("\nwarn  indexes: not looked at"))
            #expect(outcome.errors.contains("checks failed"))
        }
    }

    @Test(
        "An index that is missing is named by what it is for",
        arguments: [
            ("DROP INDEX idx_sessions_expires_at", "clean what has expired"),
            ("DROP INDEX idx_sessions_user, idx_sessions_subject, idx_sessions_tenant", "list a user's sessions"),
            ("ALTER TABLE sessions DROP CONSTRAINT sessions_pkey", "read a session, "),
            ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'sessions_pkey'::regclass", "sign out"),
        ]
    )
    func missingIndex(script: String, purpose: String) async throws {
        try await ProgramDatabase.withDatabase { database in
            let (whole, _) = try await doctor(database)
            #expect(whole.level("indexes") == "ok")
            try await database.execute(script)
            let (report, outcome) = try await doctor(database)
            #expect(outcome.exit == .code(1))
            #expect(report.level("indexes") == "fail")
            #expect(report.message("indexes").contains(purpose), "\(report.message("indexes"))")
        }
    }

    @Test("On a large table it is asked what the planner makes of them")
    func plans() async throws {
        try await ProgramDatabase.withDatabase { database in
            try await database.addSessions((1...12_000).map { "s\($0)" }, subject: "ada")
            try await database.execute(
                "UPDATE sessions SET sub = 'user-' || id, expires_at = now() + random() * interval '9 d'; ANALYZE sessions"
            )
            let (used, _) = try await doctor(database)
            #expect(used.level("indexes") == "ok")
            #expect(used.message("indexes").hasPrefix("used by all"), "\(used.message("indexes"))")
            // A planner to whom reading everything looks free.
            let free = "&options=-c%20enable_indexscan%3Doff%20-c%20enable_bitmapscan%3Doff"
            let (unused, outcome) = try await doctor(database, parameters: free)
            #expect(outcome.exit == .code(0))
            #expect(unused.level("indexes") == "warn")
            #expect(unused.message("indexes").contains("read a session, "), "\(unused.message("indexes"))")
        }
    }

    @Test("Dead rows that nobody takes away are a warning")
    func autovacuumOff() async throws {
        try await ProgramDatabase.withDatabase { database in
            try await database.execute("ALTER TABLE sessions SET (autovacuum_enabled = false)")
            let (report, outcome) = try await doctor(database)
            #expect(outcome.exit == .code(0))
            #expect(report.level("vacuum") == "warn")
            #expect(report.message("vacuum").contains("autovacuum is off"))
        }
    }

    @Test("A role that may not do what is needed gets the GRANT that is missing")
    func privileges() async throws {
        try await ProgramDatabase.withDatabase { database in
            let role = "limited_\(UUID().uuidString.prefix(8).lowercased())"
            try await database.execute(
                """
                CREATE ROLE \(role);
                GRANT SELECT, INSERT, UPDATE, DELETE ON sessions, audit_log, logout_tokens, schema_migrations TO \(role);
                GRANT USAGE ON SEQUENCE session_login_slots TO \(role);
                """
            )
            let parameters = "&options=-c%20role%3D\(role)"
            let (enough, _) = try await doctor(database, parameters: parameters)
            #expect(enough.level("privileges") == "ok", "\(enough.message("privileges"))")
            try await database.execute(
                """
                REVOKE UPDATE, DELETE ON sessions FROM \(role);
                REVOKE USAGE ON SEQUENCE session_login_slots FROM \(role);
                REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
                """
            )
            let (lacking, outcome) = try await doctor(database, parameters: parameters)
            #expect(outcome.exit == .code(1))
            #expect(lacking.message("privileges").contains("GRANT DELETE, UPDATE ON sessions TO \(role);"))
            #expect(lacking.message("privileges").contains("GRANT USAGE ON SEQUENCE session_login_slots TO \(role);"))
            #expect(lacking.message("privileges").contains("GRANT EXECUTE ON FUNCTION session_create("))
            try await database.execute("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    @Test("A standby, or a database that takes no writes, fails")
    func readOnly() async throws {
        try await ProgramDatabase.withDatabase { database in
            let parameters = "&options=-c%20default_transaction_read_only%3Don"
            let (report, outcome) = try await doctor(database, parameters: parameters)
            #expect(outcome.exit == .code(1))
            #expect(report.message("database").contains("target_session_attrs=read-write"))
        }
    }

    @Test("A database that isn't UTF-8 fails")
    func encoding() async throws {
        let name = "latin_\(UUID().uuidString.prefix(8).lowercased())"
        let server = try await TestDatabase.shared.server()
        let configuration = PostgresConfiguration(connectionString: Secret(server.connectionString))
        try await PostgresClient.withClient(configuration: configuration, logger: TestDatabase.silentLogger) { client in
            let create = "CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
            try await client.write(PostgresStatement(create))
            let uri = server.connectionString(database: name)
            let outcome = try await Program.run(["doctor"], environment: ["DATABASE_URL": uri])
            #expect(outcome.exit == .code(1))
            #expect(outcome.output.contains("\nfail  encoding: SQL_ASCII"))
            try await client.write(PostgresStatement("DROP DATABASE \(name) WITH (FORCE)"))
        }
    }

    @Test("Rows under a secret that isn't there any more fail; clear text is a warning")
    func sealing() async throws {
        try await ProgramDatabase.withDatabase { database in
            let other = try #require(SealingSecret(base64: Program.newerSecret))
            let manager = SessionManager(
                client: database.client,
                keyRing: try KeyRing(secrets: [other.bytes]),
                logger: TestDatabase.silentLogger
            )
            var attributes = SessionAttributes()
            attributes.subject = "ada"
            attributes.accessToken = Secret("token")
            _ = try await manager.createSession(attributes)
            let (lost, outcome) = try await doctor(database)
            #expect(outcome.exit == .code(1))
            #expect(lost.message("sealing").contains("1 of 1 rows are under a secret that is not in SESSION_SECRET"))
            let both = ["SESSION_SECRET": "\(Program.secret),\(Program.newerSecret)"]
            let (found, _) = try await doctor(database, environment: both)
            #expect(found.level("sealing") == "ok", "\(found.message("sealing"))")
            try await database.addSessions(["clear"], subject: "grace", set: "access_token = 'clear'")
            let (clear, _) = try await doctor(database, environment: both)
            #expect(clear.level("sealing") == "warn")
            #expect(clear.message("sealing").contains("oidc-sessions keys rotate"))
        }
    }

    @Test("A cleaner that doesn't run, or fails, is a warning")
    func cleaner() async throws {
        try await ProgramDatabase.withDatabase { database in
            try await database.addSessions(["old"], subject: "ada", set: "expires_at = now() - interval '3 d'")
            let (never, _) = try await doctor(database)
            #expect(never.level("cleaner") == "warn")
            #expect(never.message("cleaner").contains("never run"))
            try await database.execute(
                "INSERT INTO audit_log (action, created_at) VALUES ('SESSION_CLEANUP', now() - interval '5 h')"
            )
            let (late, _) = try await doctor(database)
            #expect(late.message("cleaner").hasPrefix("last ran 5 h ago, and 1 rows"))
            // From crontab once a day that is in time.
            let (daily, _) = try await doctor(database, environment: ["AUTOMATIC_SESSION_CLEANUP": "false"])
            #expect(daily.level("cleaner") == "ok", "\(daily.message("cleaner"))")
            // A run that was asked for something else says nothing about what has expired.
            #expect(try await database.run("cleanup", "--revoked", "--older-than-days", "30").exit == .code(0))
            let (partial, _) = try await doctor(database)
            #expect(partial.message("cleaner").hasPrefix("last ran 5 h ago, and 1 rows"))
            try await database.execute(
                """
                INSERT INTO audit_log (action, details) VALUES ('SESSION_CLEANUP_ERROR', '{"error": "timeout"}')
                """
            )
            let (failed, _) = try await doctor(database, environment: ["AUTOMATIC_SESSION_CLEANUP": "false"])
            #expect(failed.message("cleaner").hasPrefix("its last run failed (timeout)"))
            #expect(try await database.run("cleanup").exit == .code(0))
            let (cleaned, _) = try await doctor(database)
            #expect(cleaned.level("cleaner") == "ok")
        }
    }

    @Test("Wrong settings are 2, as everywhere")
    func settings() async throws {
        let outcome = try await Program.run(
            ["doctor"],
            environment: ["DATABASE_URL": "postgresql://x@/y", "PORT": "x"]
        )
        #expect(outcome.exit == .code(2))
        #expect(try await Program.run(["doctor"]).exit == .code(2))
    }
}
