import Foundation
import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("A correct provider")
struct CorrectProviderTests {
    @Test("CF-01 a login completes: authorization, token, keys, userinfo, and each claim where it belongs")
    func completes() async throws {
        let clock = ManualClock()
        let provider = ScriptedProvider(clock: clock)
        let browser = try Browser(provider)
        let request = try await browser.relyingParty.authorizationRequest()
        let tokens = try await browser.exchange(try provider.authorize(request.url).query, for: request)
        let userInfo = try await browser.relyingParty.userInfo(
            accessToken: tokens.accessToken,
            expectedSubject: tokens.claims.subject
        )
        #expect(provider.requests.map(\.endpoint) == [.discovery, .token, .keys, .userInfo])

        #expect(tokens.claims.issuer == provider.issuer)
        #expect(tokens.claims.subject == "alice-1")
        #expect(tokens.claims.audience == ["client-1"])
        #expect(tokens.claims.issuedAt == clock.now())
        #expect(tokens.claims.expiresAt == clock.now().addingTimeInterval(300))
        #expect(tokens.claims.sessionID == "op-session-1")
        #expect(tokens.accessTokenExpiresAt == clock.now().addingTimeInterval(300))
        #expect(tokens.refreshToken != nil)

        let claims = StandardClaims(tokens.claims, userInfo: userInfo)
        #expect(claims.name == "Alice")
        #expect(claims.preferredUsername == "alice")
        #expect(claims.email == "alice@example.org")
        #expect(claims.isEmailVerified)
        #expect(Set(claims.profile.keys) == ["name", "preferred_username", "email", "email_verified"])
    }

    @Test("What a login gave prints no token and no claim about the user")
    func printing() async throws {
        let (tokens, userInfo) = try await Browser(ScriptedProvider()).login()
        var dumped = ""
        dump(tokens, to: &dumped)
        dump(userInfo, to: &dumped)
        dump(tokens.claims, to: &dumped)
        let secrets = [tokens.accessToken.reveal(), tokens.idToken.reveal(), "alice"]
        for text in ["\(tokens)", "\(tokens.claims)", "\(userInfo)", String(reflecting: tokens), dumped] {
            for secret in secrets { #expect(!text.contains(secret)) }
        }
    }
}
