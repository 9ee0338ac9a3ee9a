import Foundation
import PostgresPipeline
import Testing

@testable import Sessions

@Suite("A user with ten thousand sessions")
struct ManySessionsTests {
    private static let number = 10_000

    private static func fill(_ fixture: StoreFixture) async throws {
        try await fixture.execute(
            """
            INSERT INTO sessions (
                id, tenant_id, issuer, sub, access_token, refresh_token, created_at, last_accessed_at, expires_at
            )
            SELECT
                encode(sha256(convert_to('many-' || n, 'UTF8')), 'hex'), 'acme', 'https://id.example', 'alice',
                repeat('a', 2100), repeat('r', 400), now() - n * interval '1 second', now(), now() + interval '7 days'
            FROM generate_series(1, \(number)) AS n
            """
        )
    }

    @Test("RV-12 the next login leaves as many as the limit, and those that ended aren't in the way of later ones")
    func limited() async throws {
        try await StoreFixture.with { fixture in
            try await Self.fill(fixture)
            let manager = fixture.manager()
            _ = try await manager.completeLogin(login(), replacing: nil)
            #expect(try await manager.getUserSessions(alice).count == 10)
            let revoked = "SELECT count(*)::text FROM sessions WHERE revoked_reason = 'session_limit'"
            #expect(try await fixture.text(revoked) == "\(Self.number - 9)")
            try await fixture.client.withDedicatedConnection { try await $0.execute(script: "VACUUM ANALYZE sessions") }
            // What a login asks to hold the limit.
            let plan = try await fixture.texts(
                """
                EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF)
                SELECT id
                FROM sessions
                WHERE tenant_id = 'acme' AND issuer = 'https://id.example' AND coalesce(sub, '') = 'alice'
                    AND kind = 'session' AND revoked_at IS NULL
                ORDER BY created_at DESC, id DESC
                OFFSET 9
                """
            )
            let lines = plan.compactMap { $0.first ?? nil }
            let blocks = try #require(
                lines.firstNonNil { $0.firstMatch(of: /Buffers: shared (?:hit=(\d+))?(?: ?read=(\d+))?/) }
            )
            let touched = [blocks.1, blocks.2].compactMap { $0.flatMap { Int($0) } }.reduce(0, +)
            #expect(touched < 100, "\(lines.joined(separator: "\n"))")
        }
    }

    @Test("RV-12 BC-14 a logout by the provider ends all of them at once, and hands on the tokens of a bounded number")
    func loggedOut() async throws {
        try await StoreFixture.with { fixture in
            try await Self.fill(fixture)
            let manager = fixture.manager()
            let notice = LogoutNotice(
                issuer: "https://id.example",
                tenantID: "acme",
                subject: "alice",
                providerSessionID: nil,
                tokenID: "once",
                issuedAt: Date() + 60
            )
            guard case .ended(let count, let sessions) = try await manager.endByProvider(notice) else {
                Issue.record("the logout ended nothing")
                return
            }
            #expect(count == Self.number)
            #expect(sessions.count <= BackChannelOutcome.maximumSessions)
            #expect(try await manager.getUserSessions(alice).isEmpty)
        }
    }
}

extension Sequence {
    fileprivate func firstNonNil<Value>(_ transform: (Element) -> Value?) -> Value? {
        for element in self { if let value = transform(element) { return value } }
        return nil
    }
}
