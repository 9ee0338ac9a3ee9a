import HummingbirdTesting
import PostgresPipeline
import Secrets
import SessionServer
import Sessions
import TestSupport
import Testing

/// A deployment of Better Auth whose sessions were imported: its users bring a signed cookie.
@Suite("Sessions of Better Auth")
struct BetterAuthCookieTests {
    private static let name = "better-auth.session_token"
    private static let token = "hJ3kQ9vX2mN7bT5cR8wZ1yL4pS6dF0gA"
    private static let secret = "a secret that Better Auth signs its cookies with"

    private static let insert = PostgresStatement(
        """
        INSERT INTO sessions (id, sub, expires_at)
        VALUES (encode(sha256(convert_to($1, 'UTF8')), 'hex'), 'carol', now() + interval '1 hour')
        """,
        parameters: [.text]
    )

    // printf %s "$token" | openssl dgst -sha256 -hmac "$secret" -binary | base64
    private static let signature = "Vn/jI0NLRPp39eABGDvmZkO2Bbo7nfxRskLltdeJ+do="

    /// As better-call writes it: through encodeURIComponent.
    private static let cookie =
        token + "."
        + signature.replacing("/", with: "%2F").replacing("+", with: "%2B").replacing("=", with: "%3D")

    private func whoIs(_ cookie: String, secret: String = secret) async throws -> String? {
        try await TestDatabase.shared.withClient { client in
            _ = try await client.write(Self.insert, [.text(Self.token)])
            var options = Site.Options()
            options.settings = {
                $0.documentedSessionCookieName = Self.name
                $0.documentedSessionCookieFormat = .betterAuth(secret: Secret(secret))
            }
            let site = try Site(store: try Site.store(client), options)
            return try await site.application.application.test(.router) {
                try await Browser($0, cookies: [Self.name: cookie]).whoAmI()
            }
        }
    }

    @Test("are found by the cookie that it signed, encoded or not", arguments: [cookie, token + "." + signature])
    func signed(cookie: String) async throws {
        let who = try await whoIs(cookie)
        #expect(who == "carol")
    }

    @Test(
        "are found by nothing that it didn't sign",
        arguments: [
            token, token + ".", "." + signature, token + "." + String(repeating: "A", count: 43) + "%3D",
            cookie.replacing("Vn", with: "vN"), cookie.replacing(token, with: "somebodyElse"), cookie + "A",
            cookie.replacing("%3D", with: ""), "%" + cookie, token + "%00." + signature, token + "." + cookie,
        ]
    )
    func unsigned(cookie: String) async throws {
        let who = try await whoIs(cookie)
        #expect(who == nil)
    }

    @Test("are not found by what another secret signed")
    func otherSecret() async throws {
        let who = try await whoIs(Self.cookie, secret: "another secret of thirty-two bytes or more")
        #expect(who == nil)
    }
}
