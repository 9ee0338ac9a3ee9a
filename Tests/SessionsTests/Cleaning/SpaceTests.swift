import Sessions
import Testing

@Suite("What a cleaning gives back")
struct SpaceTests {
    // As a flood leaves them: out of the order of the table, of the size of real ones.
    private static let flood = """
        INSERT INTO sessions (id, kind, issuer, nonce, code_verifier, login_context, created_at, last_accessed_at, expires_at)
        SELECT
            encode(sha256(convert_to('flood-' || n, 'UTF8')), 'hex'), 'login', 'https://id.example', repeat('n', 100),
            repeat('v', 100), repeat('c', 150), now() - interval '1 hour', now() - interval '1 hour',
            now() - random() * interval '40 minutes'
        FROM generate_series(1, 20000) AS n
        """
    private static let size = "SELECT pg_relation_size('sessions')::text"

    @Test("RV-01 RB-22 after one cleaning of a flood the table has its size of before, without autovacuum")
    func flood() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.execute("ALTER TABLE sessions SET (autovacuum_enabled = false)")
            let user = try await fixture.manager().completeLogin(login(), replacing: nil)
            let before = try await fixture.texts(Self.size)
            for _ in 0..<2 {
                try await fixture.execute(Self.flood)
                #expect(try await fixture.texts(Self.size) != before)
                let report = try await fixture.manager().cleanUp(CleanupRequest())
                #expect(report.abandonedLogins == 20_000)
                #expect(try await fixture.texts(Self.size) == before)
            }
            #expect(try await fixture.manager().getSession(user.id) != nil)
        }
    }
}
