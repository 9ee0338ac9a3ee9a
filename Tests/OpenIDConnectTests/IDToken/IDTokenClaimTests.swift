import Foundation
import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Claims of the ID token")
struct IDTokenClaimTests {
    private static let now = Int64(ManualClock().now().timeIntervalSince1970)

    @Test("A token that speaks for another issuer, audience or user is refused", arguments: identityCases)
    func identity(_ refusal: Refusal) async throws {
        try await refusal.check()
    }

    static let identityCases: [Refusal] = [
        Refusal("CF-02 FA-08 other iss", .idTokenClaim("iss", "https://other.example"), gives: .idTokenIssuer),
        Refusal("FA-09 no iss", .idTokenClaim("iss", nil), gives: .idTokenIssuer),
        Refusal("ID-01 iss with a slash more", .idTokenClaimAppends("iss", "/"), gives: .idTokenIssuer),
        Refusal("ID-01 iss in another case", .idTokenClaim("iss", "https://OP.example"), gives: .idTokenIssuer),
        Refusal("ID-01 PT-06 iss is a prefix", .idTokenClaim("iss", "https://op.exampl"), gives: .idTokenIssuer),
        Refusal("ID-01 iss begins alike", .idTokenClaimAppends("iss", ".evil.example"), gives: .idTokenIssuer),
        Refusal("ID-01 PT-06 iss is a list", .idTokenClaim("iss", ["https://op.example"]), gives: .idTokenIssuer),
        Refusal("CF-04 FA-10 aud longer by a digit", .idTokenClaimAppends("aud", "1"), gives: .idTokenAudience),
        Refusal("PT-07 a genuine token of another client", .idTokenClaim("aud", "client-2"), gives: .idTokenAudience),
        Refusal(
            "PT-07 a genuine token of another client, with its azp",
            .idTokenClaim("aud", ["client-2"]),
            .idTokenClaim("azp", "client-2"),
            gives: .idTokenAudience
        ),
        Refusal("CF-05 FA-11 no aud", .idTokenClaim("aud", nil), gives: .idTokenAudience),
        Refusal("FA-12 a second, unknown aud", .idTokenClaim("aud", ["client-1", "other"]), gives: .idTokenAudience),
        Refusal("ID-02 aud in another case", .idTokenClaim("aud", "Client-1"), gives: .idTokenAudience),
        Refusal("ID-02 aud is an empty list", .idTokenClaim("aud", []), gives: .idTokenAudience),
        Refusal("ID-02 aud is nested", .idTokenClaim("aud", [["client-1"]]), gives: .idTokenAudience),
        Refusal("ID-02 aud is a number", .idTokenClaim("aud", 1), gives: .idTokenAudience),
        Refusal("ID-02 aud is null", .idTokenClaim("aud", .some(.null)), gives: .idTokenAudience),
        Refusal(
            "ID-02 aud with 10,000 entries",
            .idTokenClaim("aud", .array(Array(repeating: "client-1", count: 4000))),
            gives: .idTokenAudience
        ),
        Refusal("ID-03 azp is another", .idTokenClaim("azp", "other"), gives: .idTokenAudience),
        Refusal("ID-03 azp is no string", .idTokenClaim("azp", ["client-1"]), gives: .idTokenAudience),
        Refusal("CF-03 no sub", .idTokenClaim("sub", nil), gives: .idTokenSubject),
        Refusal("ID-16 empty sub", .idTokenClaim("sub", ""), gives: .idTokenSubject),
        Refusal(
            "ID-16 sub of 256 characters",
            .idTokenClaim("sub", .string(String(repeating: "s", count: 256))),
            gives: .idTokenSubject
        ),
        Refusal("ID-16 sub beyond ASCII", .idTokenClaim("sub", "al\u{131}ce"), gives: .idTokenSubject),
        Refusal("ID-16 sub with a line break", .idTokenClaim("sub", "alice\n"), gives: .idTokenSubject),
        Refusal("ID-16 sub is a number", .idTokenClaim("sub", 7), gives: .idTokenSubject),
        Refusal("ID-16 sid beyond ASCII", .idTokenClaim("sid", "\u{e9}"), gives: .idTokenMalformed),
    ]

    @Test("A token outside its time is refused", arguments: timesCases)
    func times(_ refusal: Refusal) async throws {
        try await refusal.check()
    }

    static let timesCases: [Refusal] = [
        Refusal("CF-06 no iat", .idTokenClaim("iat", nil), gives: .idTokenTime),
        Refusal("FA-16 expired six minutes ago", .idTokenClaim("exp", .integer(now - 360)), gives: .idTokenTime),
        Refusal("FA-16 expired by the skew", .idTokenClaim("exp", .integer(now - 60)), gives: .idTokenTime),
        Refusal("FA-17 ID-12 no exp", .idTokenClaim("exp", nil), gives: .idTokenTime),
        Refusal("ID-12 exp is a string", .idTokenClaim("exp", .string(String(now + 300))), gives: .idTokenTime),
        Refusal("ID-12 exp is negative", .idTokenClaim("exp", -1), gives: .idTokenTime),
        Refusal("ID-12 exp is hugely negative", .idTokenClaim("exp", .number(-1e300)), gives: .idTokenTime),
        Refusal("ID-12 exp is true", .idTokenClaim("exp", true), gives: .idTokenTime),
        Refusal(
            "ID-12 exp is NaN",
            .idTokenPayload(Array(#"{"iss":"https://op.example","exp":NaN}"#.utf8)),
            gives: .idTokenMalformed
        ),
        Refusal("ID-13 RO-09 iat ahead of the skew", .idTokenClaim("iat", .integer(now + 61)), gives: .idTokenTime),
        Refusal("ID-13 iat a week ago", .idTokenClaim("iat", .integer(now - 604_800)), gives: .idTokenTime),
        Refusal("ID-13 iat is huge", .idTokenClaim("iat", .number(1e300)), gives: .idTokenTime),
        Refusal("ID-14 nbf ahead of the skew", .idTokenClaim("nbf", .integer(now + 61)), gives: .idTokenTime),
        Refusal("ID-14 nbf is a string", .idTokenClaim("nbf", "0"), gives: .idTokenTime),
    ]

    @Test("A token that is not the answer to this login is refused", arguments: answersCases)
    func answers(_ refusal: Refusal) async throws {
        try await refusal.check()
    }

    static let answersCases: [Refusal] = [
        Refusal("CF-14 FA-18 nonce longer by a digit", .idTokenClaimAppends("nonce", "1"), gives: .idTokenNonce),
        Refusal("FA-19 ID-15 PR-21 no nonce", .idTokenClaim("nonce", nil), gives: .idTokenNonce),
        Refusal("ID-15 another nonce", .idTokenClaim("nonce", "bm9uY2U"), gives: .idTokenNonce),
        Refusal("ID-15 nonce is a list", .idTokenClaim("nonce", ["bm9uY2U"]), gives: .idTokenNonce),
        Refusal("CF-40 ID-17 wrong at_hash", .idTokenClaimAppends("at_hash", "x"), gives: .idTokenAccessTokenHash),
        Refusal("ID-17 at_hash is a number", .idTokenClaim("at_hash", 1), gives: .idTokenAccessTokenHash),
        Refusal(
            "ID-17 PT-05 at_hash of another hash function",
            .idTokenClaim("at_hash", .string(ScriptedProvider.leftHalfHash("at", algorithm: "ES512"))),
            gives: .idTokenAccessTokenHash
        ),
        Refusal("ID-20 an access token", .idTokenHeader("typ", "at+jwt"), gives: .idTokenMalformed),
        Refusal("ID-20 a logout token by its typ", .idTokenHeader("typ", "logout+jwt"), gives: .idTokenMalformed),
        Refusal(
            "ID-20 a logout token by its events",
            .idTokenClaim("events", ["http://schemas.openid.net/event/backchannel-logout": [:]]),
            gives: .idTokenMalformed
        ),
        Refusal("ID-19 auth_time is a string", .idTokenClaim("auth_time", "now"), gives: .idTokenTime),
        Refusal(
            "ID-19 auth_time in the future",
            .idTokenClaim("auth_time", .integer(now + 61)),
            gives: .idTokenAuthentication
        ),
    ]

    @Test("ID-15 a nonce that differs in case only is refused")
    func nonceCase() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider)
        let request = try await browser.relyingParty.authorizationRequest()
        let swapped = String(
            request.nonce.reveal().map { Character($0.isLowercase ? $0.uppercased() : $0.lowercased()) }
        )
        provider.misbehave(.idTokenClaim("nonce", .string(swapped)))
        let answer = try provider.authorize(request.url)
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await browser.exchange(answer.query, for: request)
        }
        #expect(error?.code == .idTokenNonce)
    }

    @Test("What a correct provider may do is accepted", arguments: acceptedCases)
    func accepted(_ acceptance: Acceptance) async throws {
        try await acceptance.check()
    }

    static let acceptedCases: [Acceptance] = [
        Acceptance("FA-13 aud is a list of one", .idTokenClaim("aud", ["client-1"])),
        Acceptance("ID-03 azp is this client", .idTokenClaim("azp", "client-1")),
        Acceptance("CF-41 no at_hash", .idTokenClaim("at_hash", nil)),
        Acceptance("ID-12 exp with a fraction", .idTokenClaim("exp", .number(Double(now) + 10.5))),
        Acceptance("ID-12 exp within the skew", .idTokenClaim("exp", .integer(now - 59))),
        Acceptance("RO-09 iat within the skew", .idTokenClaim("iat", .integer(now + 60))),
        Acceptance("ID-14 nbf within the skew", .idTokenClaim("nbf", .integer(now + 60))),
        Acceptance("ID-16 no sid", .idTokenClaim("sid", nil)),
        Acceptance("ID-20 no typ", .idTokenHeader("typ", nil)),
        Acceptance("ID-20 typ in its long form", .idTokenHeader("typ", "application/JWT")),
        Acceptance("ID-19 no auth_time, none asked for", .idTokenClaim("auth_time", nil)),
    ]

    @Test("FA-12 a second audience that the configuration trusts is accepted")
    func trustedAudience() async throws {
        let acceptance = Acceptance("", .idTokenClaim("aud", ["client-1", "api"]))
        try await acceptance.check { $0.trustedAudiences = ["api"] }
    }

    @Test("ID-12 an exp beyond every date is cut to the year 9999", arguments: [1e300, 1e18, 253_402_300_800])
    func hugeExpiry(_ seconds: Double) async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.idTokenClaim("exp", .number(seconds)))
        let claims = try await Browser(provider).login().tokens.claims
        #expect(claims.expiresAt == Date(timeIntervalSince1970: 253_402_300_799))
    }

    @Test("ID-16 a sub of 255 characters is kept byte for byte")
    func longSubject() async throws {
        let subject = String(repeating: "Aa", count: 127) + "~"
        let claims = try await Browser(ScriptedProvider()).login(as: ScriptedUser(subject: subject)).tokens.claims
        #expect(claims.subject == subject)
    }
}
