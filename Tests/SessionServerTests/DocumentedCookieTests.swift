import HummingbirdTesting
import PostgresPipeline
import SessionServer
import Sessions
import TestSupport
import Testing

/// A deployment whose table was migrated: its users bring the cookie of the system before.
@Suite("Sessions of the documented table")
struct DocumentedCookieTests {
    private static let insert = PostgresStatement(
        """
        INSERT INTO sessions (id, sub, expires_at)
        VALUES (encode(sha256(convert_to($1, 'UTF8')), 'hex'), 'carol', now() + interval '1 hour')
        """,
        parameters: [.text]
    )

    private func withSite(
        cookieName: String?,
        _ body: @Sendable (Site, Browser) async throws -> Void
    ) async throws {
        try await TestDatabase.shared.withClient { client in
            _ = try await client.write(Self.insert, [.text("legacy-session-42")])
            var options = Site.Options()
            options.settings = { $0.documentedSessionCookieName = cookieName }
            let site = try Site(store: try Site.store(client), options)
            try await site.application.application.test(.router) {
                try await body(site, Browser($0, cookies: ["connect.sid": "legacy-session-42"]))
            }
        }
    }

    @Test("are found by the old cookie when it is configured, and only then", arguments: ["connect.sid", nil])
    func found(cookieName: String?) async throws {
        try await withSite(cookieName: cookieName) { _, browser in
            let who = try await browser.whoAmI()
            #expect(who == (cookieName == nil ? nil : "carol"))
        }
    }

    @Test("never answer to our own cookie's name, whose ids we have issued")
    func otherName() async throws {
        try await withSite(cookieName: "connect.sid") { _, browser in
            browser.cookies = [Site.sessionCookie: "legacy-session-42"]
            let who = try await browser.whoAmI()
            #expect(who == nil)
        }
    }

    @Test("end at sign-out, and the old cookie goes too")
    func signOut() async throws {
        try await withSite(cookieName: "connect.sid") { _, browser in
            _ = try await browser.post("/logout")
            #expect(browser.cookies["connect.sid"] == nil)
            browser.cookies = ["connect.sid": "legacy-session-42"]
            let who = try await browser.whoAmI()
            #expect(who == nil)
        }
    }

    @Test("are replaced by the session of a new login")
    func replaced() async throws {
        try await withSite(cookieName: "connect.sid") { site, browser in
            try await browser.signIn(site.provider)
            let newcomer = try await browser.whoAmI()
            #expect(newcomer == "alice-1")
            browser.cookies = ["connect.sid": "legacy-session-42"]
            let who = try await browser.whoAmI()
            #expect(who == nil)
        }
    }
}
