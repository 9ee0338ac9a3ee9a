import Logging
import PostgresPipeline
import Testing

@testable import Sessions

@Suite("PS-10 sessions of users that no longer exist go, and nobody else's")
struct OrphanTests {
    private static func policy(_ rule: OrphanRule) -> SessionPolicy {
        var policy = SessionPolicy()
        policy.orphanRule = rule
        policy.cleanupPause = .zero
        return policy
    }

    private static func request(_ rule: OrphanRule, dryRun: Bool = false) -> CleanupRequest {
        var request = CleanupRequest.nothing
        request.orphans = rule
        request.isDryRun = dryRun
        return request
    }

    /// A session for each of `alice`, `bob` and `carol`, two hours old; `users` knows the first two.
    private func with(
        _ users: String = "CREATE TABLE users (id TEXT PRIMARY KEY); INSERT INTO users VALUES ('alice'), ('bob')",
        _ body: (StoreFixture) async throws -> Void
    ) async throws {
        try await StoreFixture.with { fixture in
            for script in users.split(separator: ";") { try await fixture.execute(String(script)) }
            for name in ["alice", "bob", "carol"] {
                try await fixture.insertSession(name, tenant: "acme")
            }
            try await body(fixture)
        }
    }

    @Test(
        "by a column of any table and type, quoted as it is written",
        arguments: [
            ("CREATE TABLE users (id TEXT); INSERT INTO users VALUES ('alice'), ('bob'), (NULL)", "public.users.id"),
            (
                #"CREATE SCHEMA "My.App"; CREATE TABLE "My.App"."Us""er" ("Id" VARCHAR(9)); "#
                    + #"INSERT INTO "My.App"."Us""er" VALUES ('alice'), ('bob')"#,
                #""My.App"."Us""er".Id"#
            ),
            (
                #"CREATE TABLE users (id TEXT COLLATE "C" PRIMARY KEY); INSERT INTO users VALUES ('alice'), ('bob')"#,
                "users.id"
            ),
            ("CREATE TABLE users (id CHAR(9)); INSERT INTO users VALUES ('alice'), ('bob')", "users.id"),
        ]
    )
    func tables(users: String, name: String) async throws {
        try await with(users) { fixture in
            let report = try await fixture.manager().cleanUp(Self.request(try OrphanRule(table: name)))
            #expect(report.orphanedSessions == 1 && report.deleted == 1)
            #expect(try await fixture.subjects() == ["alice", "bob"])
        }
    }

    @Test("by numbers and by UUIDs, compared as text")
    func otherTypes() async throws {
        try await StoreFixture.with { fixture in
            let id = "6f1e1a3c-0000-4000-8000-000000000001"
            try await fixture.execute("CREATE TABLE users (id UUID, number BIGINT)")
            try await fixture.execute("INSERT INTO users VALUES ('\(id)', 42)")
            for subject in [id, "42", "43"] { try await fixture.insertSession(subject, tenant: subject) }
            try await fixture.execute("UPDATE sessions SET tenant_id = '42' WHERE sub = '43'")
            var rule = try OrphanRule(table: "users.number")
            rule.tenantID = "42"
            #expect(try await fixture.manager().cleanUp(Self.request(rule)).orphanedSessions == 1)
            rule.tenantID = "42"
            #expect(try await fixture.manager().cleanUp(Self.request(rule)).orphanedSessions == 0)
            rule = try OrphanRule(table: "users.id")
            rule.tenantID = id
            #expect(try await fixture.manager().cleanUp(Self.request(rule)).orphanedSessions == 0)
            #expect(try await fixture.subjects() == ["42", id])
        }
    }

    @Test(
        "by a query",
        arguments: [
            "SELECT id FROM users", "SELECT id, 1, now() FROM users WHERE id <> 'carol' -- not carol",
            "WITH known AS (SELECT id FROM users) SELECT id FROM known;", "TABLE users",
            "SELECT id FROM users UNION ALL SELECT NULL",
        ]
    )
    func queries(query: String) async throws {
        try await with { fixture in
            let rule = try OrphanRule(query: query)
            #expect(try await fixture.manager().cleanUp(Self.request(rule, dryRun: true)).orphanedSessions == 1)
            #expect(try await fixture.manager().cleanUp(Self.request(rule)).orphanedSessions == 1)
            #expect(try await fixture.subjects() == ["alice", "bob"])
        }
    }

    @Test(
        "a rule that can't be applied, or knows nobody, is refused by its name and deletes nothing",
        arguments: [
            ("public.persons.id", "public.persons.id can't be read"), ("users.identifier", "can't be read"),
            ("empty.id", "knows no user at all"), ("nulls.id", "knows no user at all"),
        ]
    )
    func refused(table: String, message: String) async throws {
        let users =
            "CREATE TABLE users (id TEXT); CREATE TABLE empty (id TEXT); CREATE TABLE nulls (id TEXT);"
            + "INSERT INTO nulls VALUES (NULL); INSERT INTO users VALUES ('alice')"
        try await with(users) { fixture async throws in
            for isDryRun in [true, false] {
                let error = await #expect(throws: SessionError.self) {
                    let rule = try OrphanRule(table: table)
                    _ = try await fixture.manager().cleanUp(Self.request(rule, dryRun: isDryRun))
                }
                #expect(error?.code == .invalidInput && error?.message.contains(message) == true, "\(error as Any)")
            }
            #expect(try await fixture.subjects() == ["alice", "bob", "carol"])
            #expect(fixture.log.count("Session cleanup failed", level: .error) == 1, "a dry run is nobody's alarm")
            #expect(try await fixture.manager().cleanupStatus().lastFailure?.code == "invalid_input")
        }
    }

    @Test(
        "a rule that knows too few of the users with sessions is refused with both numbers, and deletes nothing",
        arguments: [
            (3, "knows none of the 3 users"), (12, "doesn't know 12 of the 14 users with sessions, more than 50 %"),
        ]
    )
    func wrongColumn(strangers: Int, message: String) async throws {
        let users =
            "CREATE TABLE users (sub TEXT, id TEXT); INSERT INTO users VALUES ('alice', 'x-1'), ('bob', 'x-2')"
        try await with(users) { fixture async throws in
            if strangers > 3 {
                for number in 1..<strangers { try await fixture.insertSession("stranger-\(number)", tenant: "acme") }
            }
            let before = try await fixture.subjects()
            let rule = try OrphanRule(table: strangers > 3 ? "users.sub" : "users.id")
            for isDryRun in [true, false] {
                let error = await #expect(throws: SessionError.self) {
                    _ = try await fixture.manager().cleanUp(Self.request(rule, dryRun: isDryRun))
                }
                #expect(error?.code == .invalidInput && error?.message.contains(message) == true, "\(error as Any)")
            }
            #expect(try await fixture.subjects() == before)
        }
    }

    @Test("a query that would change something is refused by the database")
    func changing() async throws {
        try await with { fixture in
            let rule = try OrphanRule(query: "WITH gone AS (DELETE FROM users RETURNING id) SELECT id FROM gone")
            let error = await #expect(throws: SessionError.self) {
                _ = try await fixture.manager().cleanUp(Self.request(rule))
            }
            #expect(error?.code == .invalidInput)
            #expect(try await fixture.text("SELECT count(*)::text FROM users") == "2")
        }
    }

    @Test("the deleting statement judges by itself: users that are gone between the look and it leave everything alone")
    func emptiedMeanwhile() async throws {
        try await with { fixture in
            let rule = try OrphanRule(table: "users.id")
            try await fixture.execute("TRUNCATE users")
            let batch = try await fixture.client.withDedicatedConnection { connection in
                try await PostgresCleaning(connection: connection)
                    .deleteOrphans(rule, after: nil, limit: 100, SessionPolicy())
            }
            #expect(batch.sessions == 0)
            #expect(try await fixture.subjects() == ["alice", "bob", "carol"])
        }
    }

    @Test("only the configured tenant and issuer, never the young, the anonymous and the revoked")
    func scope() async throws {
        try await with { fixture in
            try await fixture.insertSession("dave", tenant: "acme", age: "59 minutes")
            try await fixture.insertSession("erin", tenant: "other")
            try await fixture.insertSession("frank", tenant: "acme", issuer: "https://other.example")
            try await fixture.insertSession(nil, tenant: "acme")
            try await fixture.insertSession("grace", tenant: "acme", revoked: true)
            var rule = try OrphanRule(table: "users.id")
            (rule.tenantID, rule.issuer) = ("acme", "https://id.example")
            #expect(try await fixture.manager().cleanUp(Self.request(rule)).orphanedSessions == 1)
            #expect(
                try await fixture.subjects() == ["", "alice", "bob", "dave", "erin", "frank", "grace"]
            )
            var policy = SessionPolicy()
            policy.tenantID = "other"
            rule = try OrphanRule(table: "users.id")
            #expect(try await fixture.manager(policy).cleanUp(Self.request(rule)).orphanedSessions == 1)
            #expect(try await fixture.subjects() == ["", "alice", "bob", "dave", "frank", "grace"])
        }
    }

    @Test("many orphans, on every page, in batches smaller than their number")
    func batches() async throws {
        try await with { fixture in
            try await fixture.execute(
                """
                INSERT INTO sessions (id, issuer, tenant_id, sub, created_at, last_accessed_at, expires_at)
                SELECT
                    encode(sha256(n::text::bytea), 'hex'), 'https://id.example', 'acme',
                    CASE WHEN n % 2 = 0 THEN 'alice' ELSE 'gone-' || n END,
                    now() - interval '2 hours', now(), now() + interval '1 day'
                FROM generate_series(1, 3000) AS n
                """
            )
            var rule = try OrphanRule(table: "users.id")
            rule.maximumShare = 1
            let batches = try await fixture.clean(.orphans(rule), limit: 100)
            #expect(batches.map(\.sessions).reduce(0, +) == 1501)
            #expect(batches.allSatisfy { $0.sessions <= 100 } && batches.count > 15)
            #expect(try await fixture.subjects().count == 1502)
        }
    }
}

extension StoreFixture {
    func insertSession(
        _ subject: String?,
        tenant: String,
        issuer: String = "https://id.example",
        age: String = "2 hours",
        revoked: Bool = false
    ) async throws {
        let insert = PostgresStatement(
            """
            INSERT INTO sessions (
                id, tenant_id, issuer, sub, created_at, last_accessed_at, expires_at, revoked_at, revoked_reason
            )
            SELECT
                encode(sha256(gen_random_uuid()::text::bytea), 'hex'), $1, $2, $3, now() - $4::interval, now(),
                now() + interval '1 day', CASE WHEN $5 THEN now() END, CASE WHEN $5 THEN 'revoked' END
            """,
            parameters: [.text, .text, .text, .text, .bool]
        )
        _ = try await client.write(insert, [.text(tenant), .text(issuer), .text(subject), .text(age), .bool(revoked)])
    }

    func subjects() async throws -> [String] {
        try await texts("SELECT coalesce(sub, '') FROM sessions ORDER BY 1").compactMap { $0[0] }
    }
}
