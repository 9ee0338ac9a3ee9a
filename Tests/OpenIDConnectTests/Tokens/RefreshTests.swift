import Foundation
import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Refresh")
struct RefreshTests {
    let provider = ScriptedProvider()

    @Test("CF-36 FA-24 two refreshes in a row use the newest token, and userinfo the newest access token")
    func rotates() async throws {
        let browser = try Browser(provider)
        let tokens = try await browser.login().tokens
        let first = try await browser.relyingParty.refresh(try #require(tokens.refreshToken), subject: "alice-1")
        let second = try await browser.relyingParty.refresh(try #require(first.refreshToken), subject: "alice-1")
        #expect(first.refreshToken?.reveal() != tokens.refreshToken?.reveal())
        #expect(second.claims?.subject == "alice-1")
        #expect(second.scopes == nil)
        let userInfo = try await browser.relyingParty.userInfo(
            accessToken: second.accessToken,
            expectedSubject: "alice-1"
        )
        #expect(userInfo.subject == "alice-1")
        let spent = await #expect(throws: OpenIDConnectError.self) {
            try await browser.relyingParty.refresh(try #require(first.refreshToken), subject: "alice-1")
        }
        #expect(spent?.code == .grantRejected)
    }

    @Test("CI-07 a refresh asks for no scope, and so for none that was not granted")
    func scope() async throws {
        let browser = try Browser(provider)
        let tokens = try await browser.login().tokens
        _ = try await browser.relyingParty.refresh(try #require(tokens.refreshToken), subject: "alice-1")
        let form = try #require(provider.requests(to: .token).last?.form)
        #expect(form.fields.map(\.name) == ["grant_type", "refresh_token"])
    }

    @Test("RF-02 auth_time of a refreshed ID token is that of the login, or absent", arguments: [0, 1, -1, 1000, nil])
    func authenticationTime(_ change: Int64?) async throws {
        let browser = try Browser(provider)
        let tokens = try await browser.login().tokens
        let moment = try #require(tokens.claims.authenticatedAt)
        let claim = change.map { JSONValue.integer(Int64(moment.timeIntervalSince1970) + $0) }
        provider.misbehave(.idTokenClaim("auth_time", claim))
        let refresh = {
            try await browser.relyingParty.refresh(
                try #require(tokens.refreshToken),
                subject: tokens.claims.subject,
                authenticatedAt: moment
            )
        }
        if change == nil || change == 0 {
            #expect(try await refresh().claims?.authenticatedAt == (change == nil ? nil : moment))
        } else {
            let error = await #expect(throws: OpenIDConnectError.self) { try await refresh() }
            #expect(error?.code == .idTokenAuthentication)
        }
    }

    @Test("A refresh without a new refresh token or ID token is one")
    func withoutRotation() async throws {
        let browser = try Browser(provider)
        let tokens = try await browser.login().tokens
        provider.misbehave(.withoutRotation, .refreshWithoutIDToken)
        let refreshed = try await browser.relyingParty.refresh(try #require(tokens.refreshToken), subject: "alice-1")
        #expect(refreshed.refreshToken == nil)
        #expect(refreshed.idToken == nil && refreshed.claims == nil)
    }

    @Test("A refreshed ID token that is not the same user's at the same issuer is refused", arguments: refusedCases)
    func refused(_ refusal: Refusal) async throws {
        let browser = try Browser(provider)
        let request = try await browser.relyingParty.authorizationRequest()
        let tokens = try await browser.exchange(try provider.authorize(request.url).query, for: request)
        provider.misbehave(refusal.misbehaviours)
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await browser.relyingParty.refresh(
                try #require(tokens.refreshToken),
                subject: tokens.claims.subject,
                nonce: request.nonce
            )
        }
        #expect(error?.code == refusal.code)
        #expect(provider.requests(to: .userInfo).isEmpty)
    }

    static let refusedCases: [Refusal] = [
        Refusal("CF-37 other iss", .idTokenClaim("iss", "https://other.example"), gives: .idTokenIssuer),
        Refusal("CF-38 other sub", .idTokenClaim("sub", "mallory-1"), gives: .idTokenSubject),
        Refusal("CF-38 sub in another case", .idTokenClaim("sub", "Alice-1"), gives: .idTokenSubject),
        Refusal("other aud", .idTokenClaim("aud", "other"), gives: .idTokenAudience),
        Refusal("other nonce", .idTokenClaim("nonce", "other"), gives: .idTokenNonce),
        Refusal("broken signature", .idTokenSignature(.broken), gives: .idTokenSignature),
        Refusal("no signature", .idTokenSignature(.unsigned), gives: .idTokenAlgorithm),
        Refusal("wrong at_hash", .idTokenClaimAppends("at_hash", "x"), gives: .idTokenAccessTokenHash),
        Refusal("a logout token", .idTokenClaim("events", [:]), gives: .idTokenMalformed),
    ]
}
