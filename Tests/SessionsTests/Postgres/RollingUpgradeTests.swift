import PostgresPipeline
import Testing

@testable import Sessions

@Suite("While replicas are replaced one by one")
struct RollingUpgradeTests {
    @Test("RB-19 RC-13 a replica of the version before signs in and holds the limit on the schema of this one")
    func olderReplica() async throws {
        try await StoreFixture.with { fixture in
            // The calls as that version makes them.
            for number in 1...3 {
                try await fixture.execute(
                    """
                    SELECT created, ends
                    FROM session_create(
                        encode(sha256('\(number)'), 'hex'), 'acme', 'https://id.example', NULL, NULL, 'alice', NULL, NULL,
                        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{}', '[]', NULL, NULL, NULL, 2,
                        interval '1 hour', interval '7 days', interval '30 days'
                    )
                    """
                )
            }
            let manager = fixture.manager()
            #expect(try await manager.getUserSessions(alice).count == 2)
            let limited = try await fixture.text(
                """
                SELECT session_enforce_limit(
                    'acme', 'https://id.example', 'alice', 1, interval '1 hour', interval '30 days'
                )::text
                """
            )
            #expect(limited == "1")
            let revoked = try await manager.listSessions().sessions.filter { $0.state == .revoked }
            #expect(revoked.map(\.revocation?.reason) == ["session_limit", "session_limit"])
        }
    }
}
