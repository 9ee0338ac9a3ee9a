import HTTPTypes
import HummingbirdTesting
import ScriptedProvider
import TestSupport
import Testing

@testable import HummingbirdLogin

@Suite("Examples")
struct ExampleTests {
    @Test("HummingbirdLogin makes its tables, signs in, and shows its protected page to nobody else")
    func hummingbirdLogin() async throws {
        let provider = CookieTests.loopbackProvider
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let app = try HummingbirdLogin.application(
                environment: [
                    "DATABASE_URL": uri, "BASE_URL": "http://localhost:8080", "OIDC_ISSUER": provider.issuer,
                    "OIDC_CLIENT_ID": provider.client.id, "OIDC_CLIENT_SECRET": provider.client.secret,
                    "SESSION_SECRET": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                ],
                transport: provider,
                logger: TestDatabase.silentLogger
            )
            try await app.test(.router) { client in
                let browser = Browser(client)
                let sent = try await browser.get("/private")
                #expect(sent.location == "/login?return_to=/private")
                let login = try #require(sent.location)
                #expect(try await browser.signIn(provider, login: login).location == "/private")
                #expect(try await browser.get("/private").text == "Hello, Alice.")
                #expect(try await Browser(client).get("/private", [.accept: "*/*"]).status == .unauthorized)
            }
        }
    }

    @Test("HummingbirdLogin names the setting that is missing")
    func missingSetting() {
        #expect(throws: MissingSetting.self) {
            try HummingbirdLogin.application(environment: [:], transport: ScriptedProvider())
        }
    }
}
