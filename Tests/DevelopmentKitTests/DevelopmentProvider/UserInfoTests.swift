import HTTPTypes
import HummingbirdTesting
import Testing

@testable import DevelopmentProvider

@Suite struct UserInfoTests {
    @Test("the scopes decide what is told")
    func claims() async throws {
        try await ProviderHarness.withProvider { browser, _ in
            let tokens = try await browser.tokens(user: "user-mallory", ["scope": "openid email"])
            let text = try await browser.get("/userinfo", headers: bearer(tokens.accessToken)).text
            #expect(text == #"{"email":"mallory@example.com","email_verified":false,"sub":"user-mallory"}"#)
        }
    }

    @Test("only a living access token is taken, and only in the header")
    func refusals() async throws {
        try await ProviderHarness.withProvider { browser, harness in
            let tokens = try await browser.tokens()
            #expect(try await browser.get("/userinfo").headers[.wwwAuthenticate] == "Bearer")
            #expect(try await browser.get("/userinfo?access_token=\(tokens.accessToken)").status == .unauthorized)
            let altered = tokens.accessToken.dropLast(8) + "AAAAAAAA"
            for wrong in [tokens.idToken, tokens.refreshToken, String(altered), "a.b.c", ""] {
                #expect(try await browser.get("/userinfo", headers: bearer(wrong)).status == .unauthorized)
            }
            harness.clock.advance(by: .seconds(300))
            #expect(try await browser.get("/userinfo", headers: bearer(tokens.accessToken)).status == .unauthorized)
        }
    }

    private func bearer(_ token: String) -> HTTPFields { [.authorization: "Bearer \(token)"] }
}
