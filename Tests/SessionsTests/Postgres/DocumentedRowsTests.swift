import Foundation
import PostgresPipeline
import Secrets
import Testing

@testable import Sessions

@Suite("A deployment of the documented table comes through the migrations")
struct DocumentedRowsTests {
    @Test("its sessions stay valid, and their clear-text values are sealed when written and by resealing")
    func staysValid() async throws {
        try await StoreFixture.with(migrated: false) { fixture in
            try await fixture.migrate("11_sessions.sql")
            try await fixture.execute(
                """
                INSERT INTO sessions (id, nonce, state, access_token, code_verifier, sub, expires_at, last_accessed_at)
                SELECT
                    'documented-session-' || n, 'MARKED-nonce', 'MARKED-state', 'MARKED-token', 'MARKED-verifier',
                    CASE WHEN n < 6 THEN 'alice' END, now() + interval '50 minutes', now() - interval '30 minutes'
                FROM generate_series(1, 7) AS n
                """
            )
            try await fixture.execute(
                """
                INSERT INTO sessions (id, created_at, expires_at, last_accessed_at)
                VALUES ('expired-session-1', NULL, now() - interval '1 second', NULL)
                """
            )
            try await fixture.migrate("12_sessions_design.sql")
            try await fixture.migrate("13_session_functions.sql")
            try await fixture.migrate("14_session_lifecycle.sql")

            let manager = fixture.manager()
            let migrated = try await fixture.dump()
            #expect(!migrated.contains("documented-session"), "ids are digests now")
            for number in 1...7 {
                let session = try #require(try await manager.getSession(Self.id(number)))
                #expect(session.subject == (number < 6 ? "alice" : nil))
                #expect(session.nonce?.reveal() == "MARKED-nonce")
                #expect(session.state?.reveal() == "MARKED-state")
                #expect(session.accessToken?.reveal() == "MARKED-token")
                #expect(session.codeVerifier?.reveal() == "MARKED-verifier")
            }
            #expect(try await manager.getSession(try #require(SessionID(documented: "expired-session-1"))) == nil)
            #expect(try await manager.getUserSessions(UserKey(issuer: "", subject: "alice")).count == 5)

            // Written: sealed as a whole.
            var update = SessionUpdate()
            update.deviceLabel = .set("phone")
            _ = try await manager.updateSession(Self.id(1), update)
            let row = try await fixture.text("SELECT s::text FROM sessions AS s WHERE device_label = 'phone'")
            let written = try #require(row)
            #expect(!written.contains("MARKED"))
            #expect(try await manager.getSession(Self.id(1))?.accessToken?.reveal() == "MARKED-token")

            // Not written: sealed in batches.
            #expect(try await fixture.store.sealingStatus().unmarkedRows == 6)
            var (report, cursor) = try await fixture.store.reseal(limit: 4)
            #expect(report.sealed == 4 && cursor != nil)
            let (rest, end) = try await fixture.store.reseal(after: cursor, limit: 4)
            report.add(rest)
            cursor = end
            #expect(report == ResealReport(sealed: 6) && cursor == nil)
            let resealed = try await fixture.dump()
            #expect(!resealed.contains("MARKED"))
            for number in 1...7 {
                #expect(try await manager.getSession(Self.id(number))?.accessToken?.reveal() == "MARKED-token")
            }
            #expect(try await fixture.store.sealingStatus().rowsByKeyID == [fixture.keyRing.sealingKeyID: 7])
        }
    }

    private static func id(_ number: Int) throws -> SessionID {
        try #require(SessionID(documented: "documented-session-\(number)"))
    }
}

extension ResealReport {
    fileprivate init(sealed: Int) {
        self.init()
        self.sealed = sealed
    }
}

extension StoreFixture {
    fileprivate func migrate(_ name: String) async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../migrations/\(name)").standardizedFileURL
        let script = try String(contentsOf: file, encoding: .utf8)
        try await client.withDedicatedConnection { try await $0.execute(script: script) }
    }
}
