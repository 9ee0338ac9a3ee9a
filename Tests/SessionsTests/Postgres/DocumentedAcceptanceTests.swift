import Foundation
import PostgresPipeline
import Testing

@testable import Sessions

@Suite("What the documents accept their systems by")
struct DocumentedAcceptanceTests {
    @Test("490 sessions of which 469 are revoked become 21: 8, 10 and 3 of three users")
    func explosion() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.execute(
                """
                INSERT INTO sessions (id, issuer, sub, created_at, expires_at, revoked_at, revoked_reason)
                SELECT
                    encode(sha256(n::text::bytea), 'hex'), 'https://id.example',
                    CASE
                        WHEN n <= 8 THEN 'obi' WHEN n <= 18 THEN 'chi' WHEN n <= 21 THEN 'qa'
                        ELSE (ARRAY['obi', 'chi', 'qa'])[n % 3 + 1]
                    END,
                    now() - n * interval '1 second', now() + interval '7 days',
                    CASE WHEN n > 21 THEN now() - n * interval '1 minute' / 500 END,
                    CASE WHEN n > 21 THEN 'session_limit' END
                FROM generate_series(1, 490) AS n
                """
            )
            let manager = fixture.manager()
            let before = try await manager.getSessionStats()
            #expect(before.logLine == "Session Stats - Total: 490, Active: 21, Expired: 0, Revoked: 469")

            // What `cleanup --revoked` asks for.
            var request = CleanupRequest()
            request.expired = false
            request.revokedOlderThan = .zero
            request.isDryRun = true
            #expect(try await manager.cleanUp(request).revokedSessions == 469)
            request.isDryRun = false
            #expect(try await manager.cleanUp(request).revokedSessions == 469)

            let after = try await manager.getSessionStats()
            #expect(after.total == 21 && after.active == 21 && after.revoked == 0)
            let remaining = try await manager.listSessions().sessions
            let byUser = Dictionary(grouping: remaining) { $0.user?.subject ?? "" }.mapValues(\.count)
            #expect(byUser == ["obi": 8, "chi": 10, "qa": 3])
        }
    }

    @Test("SS-11 eleven logins leave ten active, however many expired and revoked rows lie around")
    func elevenLogins() async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            // Older than all that follow: an eviction that asks only for "not revoked" would pick these.
            for _ in 0..<4 { _ = try await manager.completeLogin(login(), replacing: nil) }
            try await fixture.pass(.seconds(3700))
            let expired = try await manager.listSessions().sessions.map(\.handle)
            for _ in 0..<3 {
                let id = try await manager.completeLogin(login(), replacing: nil).id
                try await manager.revokeSession(id, reason: .logout)
            }
            var logins: [SessionHandle] = []
            for _ in 0..<11 {
                logins.append(try await manager.completeLogin(login(), replacing: nil).handle)
            }
            let active = try await manager.getUserSessions(alice).map(\.handle)
            #expect(active == logins.dropFirst().reversed(), "the newest ten")
            #expect(try await manager.session(logins[0])?.revocation?.reason == "session_limit")
            for handle in expired {
                let summary = try #require(try await manager.session(handle))
                #expect(summary.state == .expired && summary.revocation == nil, "what had expired is left alone")
            }
            let statistics = try await manager.getSessionStats()
            #expect(statistics.active == 10 && statistics.expired == 4 && statistics.revoked == 4)
        }
    }

    @Test("SS-09 SS-12 new roles and a new profile hold for the next request, on every replica")
    func nextRequest() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.replica { other in
                let (here, there) = (fixture.manager(), other.manager())
                let id = try await here.completeLogin(login(), replacing: nil).id
                _ = try await there.getSession(id)
                for round in 0..<20 {
                    try await here.updateUserRole(alice, to: ["role-\(round)"])
                    for detail in [SessionDetail.identity, .full] {
                        #expect(try await there.getSession(id, detail: detail)?.roles == ["role-\(round)"])
                    }
                    try await here.updateUserProfile(alice, ["name": .string("name-\(round)")])
                    #expect(try await there.getSession(id)?.profile["name"] == .string("name-\(round)"))
                }
                try await here.updateUserProfile(alice, ["name": JSONValue?.none])
                #expect(try await there.getSession(id)?.profile == [:])
                #expect(try await here.invalidateUserSessions(alice) == 1)
                #expect(try await there.getSession(id) == nil)
            }
        }
    }
}
