import PostgresPipeline
import Testing

@testable import Sessions

@Suite("SS-06 a use is a small write")
struct TouchTests {
    @Test("it is a HOT update, and copies no sealed value")
    func isHOT() async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            let ids = try await fixture.signIn(200)
            let toast = try #require(
                try await fixture.text("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'sessions'")
            )
            let chunks = "SELECT chunk_id::text, chunk_seq::text, ctid::text, xmin::text FROM \(toast) ORDER BY 1, 2"
            let before = try await fixture.texts(chunks)
            #expect(before.count >= 600, "three sealed tokens of each session lie out of line")

            var policy = SessionPolicy()
            policy.updateAge = .zero
            // Every tenth: no page gets more new versions than it has room for.
            let touched = ids.enumerated().filter { $0.offset % 10 == 0 }.map {
                SessionTouch(id: $0.element, age: .zero)
            }
            let values = PostgresSessionStore.touchValues(touched, policy: policy)
            let counts = try await fixture.client.transaction { transaction in
                let before = try await Self.counts(transaction, toast: toast)
                try await transaction.query(PostgresSessionStore.touchStatement, values)
                return zip(try await Self.counts(transaction, toast: toast), before).map { $0 - $1 }
            }
            #expect(counts == [20, 20, 0], "updated, of these HOT, and values written out of line")
            #expect(try await fixture.texts(chunks) == before)
        }
    }

    /// What this connection has done that isn't yet in the shared statistics: updated, HOT, written out of line.
    private static func counts(_ transaction: PostgresTransaction, toast: String) async throws -> [Int] {
        let result = try await transaction.query(
            PostgresStatement(
                """
                SELECT
                    pg_stat_get_xact_tuples_updated('sessions'::regclass),
                    pg_stat_get_xact_tuples_hot_updated('sessions'::regclass),
                    pg_stat_get_xact_tuples_inserted('\(toast)'::regclass)
                """
            )
        )
        let row = try #require(result.first)
        return try (0..<3).map { Int(try row.int8($0)) }
    }

    @Test("an update of something else leaves the sealed values where they are")
    func updateKeepsSealedValues() async throws {
        try await StoreFixture.with { fixture in
            let ids = try await fixture.signIn(1)
            let toast = try #require(
                try await fixture.text("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'sessions'")
            )
            let chunks = "SELECT chunk_id::text, chunk_seq::text, ctid::text, xmin::text FROM \(toast) ORDER BY 1, 2"
            let before = try await fixture.texts(chunks)
            var update = SessionUpdate()
            update.profile = ["name": "Ada"]
            _ = try await fixture.manager().updateSession(ids[0], update)
            #expect(try await fixture.texts(chunks) == before)
        }
    }

    @Test("many uses are one statement, and those of sessions that are being changed are left out, not waited for")
    func skipsLocked() async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            let ids = try await fixture.signIn(10)
            var policy = SessionPolicy()
            policy.updateAge = .zero
            let frozen = policy
            let touches = ids.map { SessionTouch(id: $0, age: .zero) }
            #expect(try await fixture.store.touch(touches, policy: frozen) == 10)
            let written = try await fixture.client.transaction { transaction in
                try await transaction.query(
                    PostgresStatement("SELECT 1 FROM sessions WHERE id = '\(ids[3].rowKey)' FOR UPDATE")
                )
                return try await fixture.store.touch(touches, policy: frozen)
            }
            #expect(written == 9)
        }
    }

    @Test("the statements of every request find their rows by index")
    func indexes() async throws {
        try await StoreFixture.with { fixture in
            _ = try await fixture.signIn(3)
            try await fixture.execute(
                """
                INSERT INTO sessions (id, expires_at, sub, issuer, tenant_id)
                SELECT encode(sha256(n::text::bytea), 'hex'), now() + interval '1 day', 'user-' || n, 'i', 'acme'
                FROM generate_series(1, 20000) AS n
                """
            )
            try await fixture.execute("ANALYZE sessions")
            let policy = SessionPolicy()
            let key = PostgresValue.text(String(repeating: "0", count: 64))
            let lifetimes: [PostgresValue] = [.duration(policy.idleLifetime), .duration(policy.absoluteLifetime)]
            let touches = [SessionTouch(id: SessionID(), age: .zero)]
            let (scope, handle) = (PostgresValue.text("acme"), PostgresValue.text(SessionID().handle.rawValue))
            let inactivity = PostgresValue.duration(policy.inactivityTimeout)
            let plans: [(PostgresStatement, [PostgresValue], String)] = [
                (PostgresSessionStore.readStatement, [key] + lifetimes + [scope], "Index Scan using sessions_pkey"),
                (
                    PostgresSessionStore.identityStatement, [key] + lifetimes + [scope],
                    "Index Scan using sessions_pkey"
                ),
                (PostgresSessionStore.claimStatement, [key, key, scope], "Index Scan using sessions_pkey"),
                (PostgresSessionStore.deleteStatement, [key] + lifetimes + [scope], "Index Scan using sessions_pkey"),
                (
                    PostgresSessionStore.touchStatement,
                    PostgresSessionStore.touchValues(touches, policy: policy), "Index Scan using sessions_pkey"
                ),
                (
                    PostgresSessionStore.revokeStatement,
                    [handle] + lifetimes + [.text("revoked"), .jsonb("{}"), scope], "using sessions_pkey"
                ),
                (
                    PostgresSessionStore.summaryStatement, [handle] + lifetimes + [inactivity, scope],
                    "using sessions_pkey"
                ),
                (
                    PostgresSessionStore.listStatement,
                    [scope] + lifetimes + [inactivity, .text("i"), .text("user-7"), scope],
                    "using idx_sessions_user"
                ),
                (
                    PostgresCleaning.deleteExpired.direct,
                    [.timestamp(PostgresTimestamp.negativeInfinity), .int8(100), .bool(true), .bool(true), .text(nil)],
                    "Index Scan using idx_sessions_expires_at"
                ),
            ]
            for (statement, values, expected) in plans {
                let explanation = PostgresStatement("EXPLAIN " + statement.sql, parameters: statement.parameters)
                let result = try await fixture.client.write(explanation, values)
                let plan = try result.decode { try $0.text(0) }.joined(separator: "\n")
                #expect(plan.contains(expected), "\(plan)")
                #expect(!plan.contains("Seq Scan on sessions"), "\(plan)")
            }
        }
    }
}

extension StoreFixture {
    fileprivate func signIn(_ count: Int) async throws -> [SessionID] {
        let manager = manager()
        var ids: [SessionID] = []
        for number in 0..<count {
            let user = UserKey(issuer: "https://id.example", subject: "user-\(number)")
            ids.append(try await manager.completeLogin(login(user), replacing: nil).id)
        }
        return ids
    }
}
