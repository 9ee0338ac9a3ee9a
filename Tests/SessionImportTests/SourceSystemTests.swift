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
            #expect(report.problems == [.unusableID: 1])
            #expect((report.read, report.total) == (5, 5))

            let session = try #require(try await fixture.session("alive-1"))
            #expect(session.subject == "ada")
            #expect(session.issuer == ImportFixture.issuer)
            #expect(session.accessToken?.reveal() == "clear-token-1")
            #expect(session.codeVerifier == nil)
            #expect(try await fixture.session("over") == nil)

            let dump = try await fixture.texts("SELECT s::text FROM sessions AS s").compactMap { $0 }.joined()
            #expect(!dump.contains("clear"))
            #expect(!dump.contains("alive-1"))
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

            let newer = try #require(try await fixture.session("tokenOfU1newer"))
            #expect(newer.subject == "sub-1")
            #expect((newer.userAgent, newer.ipAddress) == (SourceTables.safari, "192.0.2.2"))
            #expect(newer.deviceLabel == "Safari on macOS")
            #expect(newer.refreshToken?.reveal() == "refresh-1")
            #expect(abs(newer.createdAt.timeIntervalSinceNow + 86_400) < 600)
            #expect(newer.accessTokenExpiresAt != nil)
            // One refresh token in two sessions would be spent twice.
            let older = try #require(try await fixture.session("tokenOfU1older"))
            #expect(older.refreshToken == nil)
            #expect(older.accessToken?.reveal() == "access-1")
            #expect(older.idToken?.reveal() == "id-1")
            // Ciphertext is no token.
            let encrypted = try #require(try await fixture.session("tokenOfU2"))
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
            let session = try #require(try await fixture.session("tokenOfU3"))
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
            #expect(try await fixture.session("tokenOfU1newer")?.refreshToken?.reveal() == "refresh-1")
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
            #expect(try await fixture.session("token-41")?.subject == "sub-2")
            #expect(try await fixture.session("token-41")?.accessToken?.reveal() == "access-2")
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
}
