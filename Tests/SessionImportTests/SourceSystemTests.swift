import Foundation
import Secrets
import SessionImport
import Sessions
import Testing

@Suite("Tables of other systems")
struct SourceSystemTests {
    @Test("the documented table: sessions are found by their old ids, tokens are sealed, logins are left")
    func documented() async throws {
        try await ImportFixture.with(SourceTables.documented) { fixture in
            let report = try await fixture.run(.documented) { $0.table = TableName("old.sessions") }
            #expect(report.imported == 2)
            #expect(report.expired == 1)
            #expect(report.anonymous == 1)
            #expect(report.problems == [.unusableID: 2])
            #expect((report.read, report.total) == (6, 6))

            let session = try #require(try await fixture.session("alive-session-01"))
            #expect(session.subject == "ada")
            #expect(session.issuer == ImportFixture.issuer)
            #expect(session.accessToken?.reveal() == "clear-token-1")
            #expect(session.codeVerifier == nil)
            #expect(try await fixture.session("over-session-001") == nil)

            let dump = try await fixture.texts("SELECT s::text FROM sessions AS s").compactMap { $0 }.joined()
            #expect(!dump.contains("clear"))
            #expect(!dump.contains("alive-session-01"))
        }
    }

    @Test("Better Auth: the token is the id, the provider's account the subject; what is ambiguous is left out")
    func betterAuth() async throws {
        try await ImportFixture.with(SourceTables.betterAuth) { fixture in
            let report = try await fixture.run(.betterAuth) { $0.provider = "corporate" }
            #expect(report.imported == 3)
            #expect(report.expired == 1)
            #expect(report.problems == [.noAccount: 1, .severalAccounts: 1, .otherIssuer: 1])
            #expect(report.examples[.severalAccounts] == ["u4"])
            #expect(report.withoutTokens == 1)

            let newer = try #require(try await fixture.session("theOldTokenOfUser1newer"))
            #expect(newer.subject == "sub-1")
            #expect((newer.userAgent, newer.ipAddress) == (SourceTables.safari, "192.0.2.2"))
            #expect(newer.deviceLabel == "Safari on macOS")
            #expect(newer.refreshToken?.reveal() == "refresh-1")
            #expect(abs(newer.createdAt.timeIntervalSinceNow + 86_400) < 600)
            #expect(newer.accessTokenExpiresAt != nil)
            // One refresh token in two sessions would be spent twice.
            let older = try #require(try await fixture.session("theOldTokenOfUser1older"))
            #expect(older.refreshToken == nil)
            #expect(older.accessToken?.reveal() == "access-1")
            #expect(older.idToken?.reveal() == "id-1")
            // Ciphertext is no token.
            let encrypted = try #require(try await fixture.session("theOldTokenOfUser2"))
            #expect(encrypted.subject == "sub-2")
            #expect(encrypted.accessToken == nil)
            // The row's own id is no credential of Better Auth's, and none here.
            #expect(try await fixture.session("s2") == nil)
        }
    }

    @Test("Better Auth without a provider: its user ids are the subjects, and no account's tokens are taken")
    func betterAuthUserIDs() async throws {
        try await ImportFixture.with(SourceTables.betterAuth) { fixture in
            let report = try await fixture.run(.betterAuth)
            #expect(report.imported == 6)
            let session = try #require(try await fixture.session("theOldTokenOfUser3"))
            #expect(session.subject == "u3")
            #expect(session.accessToken == nil)
        }
    }

    @Test("Better Auth over Drizzle: the same in snake case and plural")
    func betterAuthSnakeCase() async throws {
        let tables =
            "CREATE SCHEMA app; SET search_path = app;"
            + SourceTables.betterAuth
            .replacingOccurrences(of: "\"session\"", with: "sessions")
            .replacingOccurrences(of: "\"account\"", with: "accounts")
            .replacingOccurrences(of: "\"expiresAt\"", with: "expires_at")
            .replacingOccurrences(of: "\"createdAt\"", with: "created_at")
            .replacingOccurrences(of: "\"userAgent\"", with: "user_agent")
            .replacingOccurrences(of: "\"userId\"", with: "user_id")
            .replacingOccurrences(of: "\"accountId\"", with: "account_id")
            .replacingOccurrences(of: "\"providerId\"", with: "provider_id")
            .replacingOccurrences(of: "\"refreshToken\"", with: "refresh_token")
        try await ImportFixture.with(tables) { fixture in
            let report = try await fixture.run(.betterAuth) {
                $0.table = TableName("app.sessions")
                $0.provider = "corporate"
            }
            #expect(report.imported == 3)
            #expect(try await fixture.session("theOldTokenOfUser1newer")?.refreshToken?.reveal() == "refresh-1")
        }
    }

    @Test("Auth.js over Prisma: times without a zone are UTC, whatever the database's zone is")
    func authJSPrisma() async throws {
        let zone =
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''', current_database()); END $$;"
        try await ImportFixture.with(zone + SourceTables.authJSPrisma) { fixture in
            let report = try await fixture.run(.authJS) { $0.provider = "corporate" }
            #expect(report.imported == 1)
            #expect(report.expired == 1)
            let session = try #require(try await fixture.session("11111111-aaaa-4bbb-8ccc-000000000001"))
            #expect(session.subject == "sub-1")
            #expect(abs(session.expiresAt.timeIntervalSinceNow - 1800) < 300)
            #expect(session.refreshToken?.reveal() == "refresh-1")
            #expect(session.accessTokenExpiresAt == Date(timeIntervalSince1970: 2_000_000_000))
        }
    }

    @Test("Auth.js over its Postgres adapter: integer ids, pages by them, user ids never taken for subjects")
    func authJSPostgres() async throws {
        try await ImportFixture.with(SourceTables.authJSPostgres) { fixture in
            let report = try await fixture.run(.authJS) {
                $0.table = TableName("auth.sessions")
                $0.provider = "corporate"
                $0.batchSize = 10
            }
            #expect(report.imported == 95)
            #expect(try await fixture.session("session-token-041")?.subject == "sub-2")
            #expect(try await fixture.session("session-token-041")?.accessToken?.reveal() == "access-2")
        }
    }

    @Test("UserSession: 490 rows with 469 revoked become 21")
    func userSession() async throws {
        try await ImportFixture.with(SourceTables.userSession) { fixture in
            let report = try await fixture.run(.userSession)
            #expect(report.imported == 21)
            #expect(report.revoked == 469)
            let user = UserKey(issuer: ImportFixture.issuer, subject: "user-1")
            let sessions = try await fixture.manager().getUserSessions(user)
            #expect(sessions.count == 7)
            #expect(sessions.first?.attributes.ipAddress?.hasPrefix("198.51.100.") == true)
        }
    }

    @Test("UserSession: no cookie presents ids that can be read and guessed, unless they are said to be random")
    func userSessionIDs() async throws {
        for isRandom in [false, true] {
            try await ImportFixture.with(SourceTables.userSession) { fixture in
                let report = try await fixture.run(.userSession) { $0.hasRandomIDs = isRandom }
                #expect(report.imported == 21)
                let id = "clq1a2b3c0000abcd1"
                #expect(try await fixture.session(id)?.subject == (isRandom ? "user-1" : nil))
                // A program that has verified the token which names it.
                let named = try #require(SessionID(unsecret: id))
                #expect(try await fixture.manager().getSession(named)?.subject == (isRandom ? nil : "user-1"))
                #expect(try await fixture.run(.userSession) { $0.hasRandomIDs = isRandom }.imported == 0)
            }
        }
    }

    @Test("Where ids are secrets, saying that they are is a mistake")
    func needlessRandomIDs() async throws {
        try await ImportFixture.with(SourceTables.betterAuth) { fixture in
            let error = await #expect(throws: ImportError.self) {
                try await fixture.run(.betterAuth) { $0.hasRandomIDs = true }
            }
            #expect(error?.code == .invalidPlan)
        }
    }
}
