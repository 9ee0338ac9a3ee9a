import Foundation
import Patience
import PostgresPipeline
import Secrets
import SessionImport
import Sessions
import Testing

@Suite("Imports")
struct SessionImporterTests {
    private func withPostgresAdapter(_ body: @Sendable (ImportFixture, ImportPlan) async throws -> Void) async throws {
        try await ImportFixture.with(SourceTables.authJSPostgres) { fixture in
            var plan = ImportPlan(system: .authJS, issuer: ImportFixture.issuer)
            plan.table = TableName("auth.sessions")
            plan.provider = "corporate"
            plan.batchSize = 10
            try await body(fixture, plan)
        }
    }

    @Test("A dry run has the counts of the run, and changes nothing")
    func dryRun() async throws {
        try await ImportFixture.with(SourceTables.betterAuth) { fixture in
            var dry = try await fixture.run(.betterAuth) {
                $0.provider = "corporate"
                $0.isDryRun = true
            }
            #expect(try await fixture.count("sessions") == 0)
            #expect(try await fixture.count("audit_log") == 0)
            #expect(dry.isDryRun)
            dry.isDryRun = false
            #expect(try await fixture.run(.betterAuth) { $0.provider = "corporate" } == dry)
        }
    }

    @Test("A second run imports nothing, and the source is as it was")
    func idempotent() async throws {
        try await withPostgresAdapter { fixture, plan in
            let rows = "SELECT s::text FROM auth.sessions AS s ORDER BY id"
            let before = try await fixture.texts(rows)
            #expect(try await fixture.importer().run(plan).imported == 95)
            let second = try await fixture.importer().run(plan)
            #expect((second.imported, second.known) == (0, 95))
            #expect(try await fixture.count("sessions") == 95)
            #expect(try await fixture.texts(rows) == before)
        }
    }

    /// What becomes of the session that got the refresh token.
    enum Fate: CaseIterable {
        case lives, revoked, signedOut, gone
    }

    @Test(
        "A later import gives the account's refresh token to no second session, whatever has become of the first",
        arguments: Fate.allCases
    )
    func oneRefreshToken(fate: Fate) async throws {
        try await ImportFixture.with(SourceTables.betterAuth) { fixture in
            #expect(try await fixture.run(.betterAuth) { $0.provider = "corporate" }.imported == 3)
            #expect(try await fixture.session("theOldTokenOfUser1newer")?.refreshToken?.reveal() == "refresh-1")
            let id = try #require(SessionID(documented: "theOldTokenOfUser1newer"))
            switch fate {
            case .lives: break
            case .revoked: #expect(try await fixture.manager().revokeSession(id))
            case .signedOut: #expect(try await fixture.manager().deleteSession(id))
            case .gone: _ = try await fixture.client.write(PostgresStatement("DELETE FROM sessions"))
            }
            // A sign-in at the old system that leaves the account as it is.
            let later = """
                INSERT INTO "session" VALUES (
                    'later', now() + interval '6 days 1 hour', 'theOldTokenOfUser1later', now(), now(), NULL, NULL, 'u1'
                )
                """
            try await fixture.client.withDedicatedConnection { try await $0.execute(script: later) }
            #expect(try await fixture.run(.betterAuth) { $0.provider = "corporate" }.imported == 1)
            let session = try #require(try await fixture.session("theOldTokenOfUser1later"))
            #expect(session.subject == "sub-1")
            #expect(session.refreshToken == nil)
            let holders = "sessions WHERE refresh_token IS NOT NULL"
            #expect(try await fixture.count(holders) == (fate == .lives ? 1 : 0))
        }
    }

    @Test("Of two imports at once, of sessions of one account, one gets the refresh token", .timeLimit(.minutes(5)))
    func oneRefreshTokenOfTwoImports() async throws {
        // The same account behind two tables, and a gate where a session is written: what one import takes, the other
        // can't see yet.
        let second = """
            CREATE SCHEMA other;
            CREATE TABLE other.session AS SELECT * FROM "session" WHERE "userId" = 'u1';
            UPDATE other.session SET "token" = 'other-' || "token";
            CREATE FUNCTION gate() RETURNS TRIGGER LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NEW; END';
            CREATE TRIGGER gate BEFORE INSERT ON public.sessions FOR EACH ROW EXECUTE FUNCTION gate();
            """
        try await ImportFixture.with(SourceTables.betterAuth + second) { fixture in
            try await fixture.client.withDedicatedConnection { gate in
                try await gate.execute(script: "SELECT pg_advisory_lock(4711)")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for table in ["public.session", "other.session"] {
                        group.addTask {
                            _ = try await fixture.run(.betterAuth) {
                                $0.table = TableName(table)
                                $0.accountTable = TableName("public.account")
                                $0.provider = "corporate"
                            }
                        }
                    }
                    let waiting = "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                    try await eventually("both imports at the gate") { try await fixture.count(waiting) == 2 }
                    try await gate.execute(script: "SELECT pg_advisory_unlock(4711)")
                    try await group.waitForAll()
                }
            }
            #expect(try await fixture.count("sessions WHERE sub = 'sub-1'") == 4)
            #expect(try await fixture.count("sessions WHERE sub = 'sub-1' AND refresh_token IS NOT NULL") == 1)
        }
    }

    @Test("The refresh token goes to the newest session, in whichever batch the others come")
    func refreshTokenOverBatches() async throws {
        try await ImportFixture.with(SourceTables.betterAuth) { fixture in
            _ = try await fixture.run(.betterAuth) {
                $0.provider = "corporate"
                $0.batchSize = 1
            }
            #expect(try await fixture.session("theOldTokenOfUser1older")?.refreshToken == nil)
            #expect(try await fixture.session("theOldTokenOfUser1newer")?.refreshToken?.reveal() == "refresh-1")
        }
    }

    @Test("A session that has ended here since isn't brought back by a second run")
    func endedSince() async throws {
        try await withPostgresAdapter { fixture, plan in
            _ = try await fixture.importer().run(plan)
            let id = try #require(SessionID(documented: "session-token-007"))
            #expect(try await fixture.manager().deleteSession(id))
            #expect(try await fixture.importer().run(plan).imported == 0)
            #expect(try await fixture.session("session-token-007") == nil)
        }
    }

    @Test("Interrupted in the middle and started again, every session is there once")
    func resumed() async throws {
        try await withPostgresAdapter { fixture, plan in
            let interrupted = Task {
                try await fixture.importer().run(plan) { report in
                    if report.read == 30 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            }
            let outcome = await interrupted.result
            #expect(throws: CancellationError.self) { try outcome.get() }
            #expect(try await fixture.count("sessions") == 30)
            let rest = try await fixture.importer().run(plan)
            #expect((rest.imported, rest.known) == (65, 30))
            #expect(try await fixture.count("sessions") == 95)
        }
    }

    @Test("Of two imports at once each session is imported by one")
    func concurrent() async throws {
        try await withPostgresAdapter { fixture, plan in
            async let first = fixture.importer().run(plan)
            async let second = fixture.importer().run(plan)
            let reports = try await [first, second]
            #expect(reports.map(\.imported).reduce(0, +) == 95)
            #expect(try await fixture.count("sessions") == 95)
            #expect(try await fixture.count("audit_log WHERE action = 'IMPORT'") == 95)
        }
    }

    @Test("A source that would write is refused by its own database")
    func onlyRead() async throws {
        let trap = """
            CREATE TABLE public.calls (n INT);
            CREATE FUNCTION public.trap() RETURNS TEXT LANGUAGE sql VOLATILE AS
                'INSERT INTO public.calls VALUES (1); SELECT ''ada''::text';
            CREATE VIEW public.trapped AS
                SELECT 'id-1' AS id, public.trap() AS sub, now() + interval '1 hour' AS expires_at;
            """
        try await ImportFixture.with(trap) { fixture async throws in
            let error = await #expect(throws: ImportError.self) {
                try await fixture.run(.documented) { $0.table = TableName("trapped") }
            }
            // read_only_sql_transaction
            #expect(error?.underlying?.sqlState == "25006")
            #expect(try await fixture.count("calls") == 0)
            #expect(try await fixture.count("sessions") == 0)
        }
    }

    @Test("A user with more sessions than the maximum keeps the newest")
    func limit() async throws {
        let rows = """
            INSERT INTO "session"
            SELECT
                'x' || n, now() + interval '6 days', 'one-of-the-many-' || n, now() - n * interval '1 hour', now(), NULL, NULL, 'u5'
            FROM generate_series(1, 12) AS n;
            """
        try await ImportFixture.with(SourceTables.betterAuth + rows) { fixture in
            let report = try await fixture.run(.betterAuth)
            #expect(report.overLimit == 3)
            let user = UserKey(issuer: ImportFixture.issuer, subject: "u5")
            #expect(try await fixture.manager().getUserSessions(user).count == 10)
            #expect(try await fixture.session("one-of-the-many-1") != nil)
            #expect(try await fixture.session("one-of-the-many-12") == nil)
        }
    }

    @Test("Sessions older than the absolute lifetime here are over")
    func absoluteLifetime() async throws {
        try await ImportFixture.with(SourceTables.betterAuth) { fixture in
            var policy = SessionPolicy()
            policy.absoluteLifetime = .seconds(36 * 3600)
            let report = try await fixture.run(.betterAuth, { $0.provider = "corporate" }, policy: policy)
            #expect((report.imported, report.expired) == (2, 2))
            #expect(try await fixture.session("theOldTokenOfUser1older") == nil)
        }
    }

    @Test("Of an address is kept what is to be kept, and a list of proxies costs nobody the session")
    func addresses() async throws {
        let proxies = Array(repeating: "192.0.2.99", count: 12).joined(separator: ", ")
        let rows = "UPDATE \"session\" SET \"ipAddress\" = '\(proxies)' WHERE id = 's1';"
        try await ImportFixture.with(SourceTables.betterAuth + rows) { fixture in
            let report = try await fixture.run(.betterAuth) {
                $0.provider = "corporate"
                $0.storedAddress = { $0.replacing(".2.2", with: ".2.0") }
            }
            #expect(report.imported == 3)
            #expect(try await fixture.session("theOldTokenOfUser1newer")?.ipAddress == "192.0.2.0")
            #expect(try await fixture.session("theOldTokenOfUser1older")?.ipAddress == nil)
        }
    }

    @Test("A process of one tenant imports for no other")
    func otherTenant() async throws {
        try await ImportFixture.with(SourceTables.betterAuth) { fixture in
            var policy = SessionPolicy()
            policy.tenantID = "acme"
            let scoped = policy
            let error = await #expect(throws: ImportError.self) {
                try await fixture.run(.betterAuth, { $0.tenantID = "other" }, policy: scoped)
            }
            #expect(error?.code == .invalidPlan)
        }
    }

    @Test("A tenant's import is that tenant's")
    func tenant() async throws {
        try await ImportFixture.with(SourceTables.documented) { fixture async throws in
            _ = try await fixture.run(.documented) {
                $0.table = TableName("old.sessions")
                $0.tenantID = "acme"
            }
            #expect(try await fixture.session("alive-session-01")?.tenantID == "acme")
        }
    }

    @Test(
        "Tables that are missing, another system's or our own are named, and nothing is imported",
        arguments: [
            (.betterAuth, "none.session", .noTable), (.betterAuth, "old.sessions", .wrongTable),
            (.documented, "public.sessions", .wrongTable), (.authJS, nil, .wrongTable),
            (.documented, nil, .tableNeeded), (.userSession, nil, .noUsualTable),
        ] as [(SourceSystem, String?, ImportError.Code)]
    )
    func wrongTables(system: SourceSystem, table: String?, code: ImportError.Code) async throws {
        try await ImportFixture.with(SourceTables.documented) { fixture async throws in
            let error = await #expect(throws: ImportError.self) {
                try await fixture.run(system) { $0.table = table.flatMap(TableName.init) }
            }
            #expect(error?.code == code, "\(error?.message ?? "")")
            #expect(try await fixture.count("sessions") == 0)
        }
    }

    @Test("Neither reports nor errors nor audit rows have an id or a token in them")
    func secrecy() async throws {
        try await ImportFixture.with(SourceTables.betterAuth) { fixture in
            let report = try await fixture.run(.betterAuth) { $0.provider = "corporate" }
            let audit = try await fixture.texts("SELECT a::text FROM audit_log AS a").compactMap { $0 }.joined()
            let sessions = try await fixture.texts("SELECT s::text FROM sessions AS s").compactMap { $0 }.joined()
            #expect(audit.contains("better-auth"))
            for secret in ["theOldTokenOf", "access-1", "refresh-1", "id-1\""] {
                #expect(!"\(report)".contains(secret))
                #expect(!audit.contains(secret))
                #expect(!sessions.contains(secret))
            }
        }
    }
}
