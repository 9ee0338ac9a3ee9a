import Foundation
import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Refresh")
struct RefreshTests {
    let provider = ScriptedProvider()
    private var alice: RefreshableLogin { RefreshableLogin(issuer: provider.issuer, subject: "alice-1") }

    @Test("CF-36 FA-24 two refreshes in a row use the newest token, and userinfo the newest access token")
    func rotates() async throws {
        let browser = try Browser(provider)
        let tokens = try await browser.login().tokens
        let first = try await browser.relyingParty.refresh(try #require(tokens.refreshToken), of: alice)
        let second = try await browser.relyingParty.refresh(try #require(first.refreshToken), of: alice)
        #expect(first.refreshToken?.reveal() != tokens.refreshToken?.reveal())
        #expect(second.claims?.subject == "alice-1")
        #expect(second.scopes == nil)
        let userInfo = try await browser.relyingParty.userInfo(
            accessToken: second.accessToken,
            expectedSubject: "alice-1"
        )
        #expect(userInfo.subject == "alice-1")
        let spent = await #expect(throws: OpenIDConnectError.self) {
            try await browser.relyingParty.refresh(try #require(first.refreshToken), of: alice)
        }
        #expect(spent?.code == .grantRejected)
    }

    @Test("CI-07 a refresh asks for no scope, and so for none that was not granted")
    func scope() async throws {
        let browser = try Browser(provider)
        let tokens = try await browser.login().tokens
        _ = try await browser.relyingParty.refresh(try #require(tokens.refreshToken), of: alice)
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
            // What is known of the login is what its ID token says.
            try await browser.relyingParty.refresh(
                try #require(tokens.refreshToken),
                of: RefreshableLogin(issuer: provider.issuer, subject: "alice-1", idToken: tokens.idToken)
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
        let refreshed = try await browser.relyingParty.refresh(try #require(tokens.refreshToken), of: alice)
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
                of: RefreshableLogin(issuer: provider.issuer, subject: "alice-1", idToken: tokens.idToken)
            )
        }
        #expect(error?.code == refusal.code)
        #expect(provider.requests(to: .userInfo).isEmpty)
    }

    @Test("RF-02 the nonce that was kept holds when the ID token at hand has none")
    func rememberedNonce() async throws {
        let browser = try Browser(provider)
        let tokens = try await browser.login().tokens
        let first = try await browser.relyingParty.refresh(try #require(tokens.refreshToken), of: alice)
        let nonce = try #require(RefreshableLogin(issuer: "", subject: "", idToken: tokens.idToken).nonce)
        let login = RefreshableLogin(
            issuer: provider.issuer,
            subject: "alice-1",
            idToken: first.idToken,
            nonce: nonce
        )
        provider.misbehave(.idTokenClaim("nonce", "other"))
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await browser.relyingParty.refresh(try #require(first.refreshToken), of: login)
        }
        #expect(error?.code == .idTokenNonce)
    }

    @Test("A refresh token is sent to the issuer that gave it, and to no other")
    func otherIssuer() async throws {
        let browser = try Browser(provider)
        let tokens = try await browser.login().tokens
        provider.forgetRequests()
        let login = RefreshableLogin(issuer: "https://other.example", subject: "alice-1")
        await #expect(throws: OpenIDConnectError.self) {
            try await browser.relyingParty.refresh(try #require(tokens.refreshToken), of: login)
        }
        #expect(provider.requests.isEmpty)
    }

    @Test("RC-04 the new refresh token is at hand even when the ID token beside it can't be verified")
    func unverifiable() async throws {
        let browser = try Browser(provider)
        let tokens = try await browser.login().tokens
        provider.misbehave(.idTokenSignature(.broken))
        let answer = try await browser.relyingParty.redeem(try #require(tokens.refreshToken), of: alice)
        await #expect(throws: OpenIDConnectError.self) { try await browser.relyingParty.verified(answer) }
        provider.misbehave()
        let next = try await browser.relyingParty.refresh(try #require(answer.refreshToken), of: alice)
        #expect(next.claims?.subject == "alice-1")
        #expect("\(answer)" == "unverified refresh")
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
