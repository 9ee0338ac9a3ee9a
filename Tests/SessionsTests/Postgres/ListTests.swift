import Foundation
import PostgresPipeline
import Testing

@testable import Sessions

@Suite("Lists and endings in a large table")
struct ListTests {
    /// Filters, the index that their list is read by, and whether it may sort what it found instead.
    private static let plans: [(name: String, index: String, filter: SessionFilter)] = [
        ("all", "idx_sessions_created_at", filter { _ in }),
        ("active", "idx_sessions_created_at", filter { $0.states = [.active] }),
        ("expired", "idx_sessions_created_at", filter { $0.states = [.expired] }),
        ("revoked", "idx_sessions_created_at", filter { $0.states = [.revoked] }),
        ("not revoked", "idx_sessions_created_at", filter { $0.states = [.active, .expired, .inactive] }),
        ("inactive", "idx_sessions_created_at", filter { $0.states = [.inactive] }),
        ("issuer", "idx_sessions_created_at", filter { $0.issuer = "https://id.example" }),
        ("older", "idx_sessions_created_at", filter { $0.olderThan = .days(50) }),
        ("unused", "idx_sessions_created_at", filter { $0.lastAccessedBefore = .now - 50 * 86_400 }),
        ("small tenant", "idx_sessions_tenant", filter { $0.tenantID = "small" }),
        ("user", "idx_sessions_subject", filter { $0.subject = "user-7" }),
        (
            "user of a tenant", "idx_sessions_subject",
            filter {
                $0.subject = "user-7"
                $0.tenantID = "large"
            }
        ),
        (
            "active of a user", "idx_sessions_subject",
            filter {
                $0.subject = "user-7"
                $0.states = [.active]
            }
        ),
    ]

    private static func filter(_ change: (inout SessionFilter) -> Void) -> SessionFilter {
        var filter = SessionFilter()
        change(&filter)
        return filter
    }

    @Test("AD-06 lists of all, of a tenant, of a user and by state go along an index and sort no table")
    func indexes() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.fill(100_000)
            let policy = SessionPolicy()
            let middle = SessionPage.Cursor(
                createdAt: PostgresTimestamp(.now - 20 * 86_400).microseconds,
                handle: SessionID().handle
            )
            for (name, index, filter) in Self.plans {
                let criteria = SessionCriteria(filter, policy: policy)
                let page = PostgresSessionStore.pageStatement(criteria)
                let first = criteria.values(from: ("", .infinity), limit: 101, policy: policy)
                let place = (middle.handle.rawValue, PostgresTimestamp(microseconds: middle.createdAt))
                let later = criteria.values(from: place, limit: 101, policy: policy)
                for values in [first, later] {
                    let plan = try await fixture.plan(page, values)
                    #expect(plan.contains(index), "\(name): \(plan)")
                    #expect(!plan.contains("Seq Scan on sessions"), "\(name): \(plan)")
                    // What a user has fits into memory; everything else comes in order.
                    if index != "idx_sessions_subject" {
                        #expect(!plan.contains("->  Sort"), "\(name): \(plan)")
                    }
                }
            }
        }
    }

    @Test("the batches of an ending find the oldest by index, and each row by its key")
    func endingIndexes() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.fill(100_000)
            let policy = SessionPolicy()
            for (name, index, filter) in Self.plans {
                var criteria = SessionCriteria(filter, policy: policy)
                let deletion = PostgresSessionStore.deleteBatchStatement(criteria)
                let values = criteria.values(from: ("", .negativeInfinity), limit: 1000, policy: policy)
                let revocation = PostgresSessionStore.revokeBatchStatement(&criteria, reason: .revoked)
                let revoking = criteria.values(from: ("", .negativeInfinity), limit: 1000, policy: policy)
                for (statement, values) in [(deletion, values), (revocation, revoking)] {
                    let plan = try await fixture.plan(statement, values)
                    // Of one user, all are few.
                    let key = index == "idx_sessions_subject" ? index : " sessions_pkey"
                    #expect(plan.contains(key), "\(name): \(plan)")
                    #expect(plan.contains(index), "\(name): \(plan)")
                    #expect(!plan.contains("Seq Scan on sessions"), "\(name): \(plan)")
                }
            }
        }
    }

    @Test("sessions of one moment are paged through once each")
    func sameMoment() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.execute(
                """
                INSERT INTO sessions (id, sub, created_at, expires_at)
                SELECT encode(sha256(n::text::bytea), 'hex'), 'user-' || n, now(), now() + interval '1 hour'
                FROM generate_series(1, 50) AS n
                """
            )
            let manager = fixture.manager()
            var seen: [SessionHandle] = []
            var cursor: SessionPage.Cursor?
            repeat {
                let page = try await manager.listSessions(after: cursor, limit: 7)
                seen += page.sessions.map(\.handle)
                cursor = try page.next.map { try #require(SessionPage.Cursor($0.description)) }
            } while cursor != nil
            #expect(seen.count == 50 && Set(seen).count == 50)
            #expect(seen.map(\.rawValue) == seen.map(\.rawValue).sorted(by: >))
        }
    }
}

extension StoreFixture {
    /// A table as months of use leave it: a large and a small tenant, three quarters over, one quarter revoked.
    fileprivate func fill(_ count: Int) async throws {
        try await execute(
            """
            INSERT INTO sessions (
                id, kind, tenant_id, issuer, sub, created_at, last_accessed_at, expires_at, revoked_at, revoked_reason
            )
            SELECT
                encode(sha256(n::text::bytea), 'hex'), CASE WHEN n % 50 = 0 THEN 'login' ELSE 'session' END,
                CASE WHEN n % 500 = 1 THEN 'small' ELSE 'large' END, 'https://id.example',
                CASE WHEN n % 50 > 0 THEN 'user-' || n % 10000 END, moment, moment + interval '5 minutes',
                moment + interval '7 days',
                CASE WHEN n % 4 = 1 THEN moment + interval '10 minutes' END, CASE WHEN n % 4 = 1 THEN 'revoked' END
            FROM generate_series(1, \(count)) AS n,
                LATERAL (SELECT now() - n * interval '60 days' / \(count) AS moment) AS age
            """
        )
        try await execute("ANALYZE sessions")
    }

    fileprivate func plan(_ statement: PostgresStatement, _ values: [PostgresValue]) async throws -> String {
        let explanation = PostgresStatement("EXPLAIN (COSTS OFF) " + statement.sql, parameters: statement.parameters)
        // A connection of its own, as the store has for these statements: it plans for the values at hand.
        return try await client.withDedicatedConnection { connection in
            let result = try await connection.query(explanation, values)
            return try result.decode { try $0.text(0) }.joined(separator: "\n")
        }
    }
}
