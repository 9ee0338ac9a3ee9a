import Foundation
import OpenIDConnect
import ScriptedProvider
import Testing

@Suite("Answer of the token endpoint")
struct TokenResponseTests {
    @Test("An answer that is no token response is refused", arguments: refusedCases)
    func refused(_ refusal: Refusal) async throws {
        try await refusal.check()
    }

    private static func body(_ bytes: [UInt8], type: String = "application/json", status: Int = 200) -> Misbehaviour {
        .answer(.token, HTTPTransportResponse(status: status, headers: [("Content-Type", type)], body: bytes))
    }

    private static func body(_ text: String, type: String = "application/json", status: Int = 200) -> Misbehaviour {
        body(Array(text.utf8), type: type, status: status)
    }

    private static let valid = #"{"access_token":"a","token_type":"Bearer","id_token":"e30.e30.e30""#

    static let refusedCases: [Refusal] = [
        Refusal("ID-21 a list", body("[\(valid)}]"), gives: .tokenResponseInvalid),
        Refusal("ID-21 a string", body(#""token""#), gives: .tokenResponseInvalid),
        Refusal("ID-21 nothing", body(""), gives: .tokenResponseInvalid),
        Refusal("ID-21 a member twice", body(valid + #","access_token":"b"}"#), gives: .tokenResponseInvalid),
        Refusal("ID-21 10,000 levels", body(String(repeating: "[", count: 10_000)), gives: .tokenResponseInvalid),
        Refusal(
            "ID-21 10,000 levels in a member",
            body(valid + ",\"x\":" + String(repeating: "{\"a\":", count: 10_000)),
            gives: .tokenResponseInvalid
        ),
        Refusal("ID-21 no UTF-8", body(Array(valid.utf8) + [0x2C, 0x22, 0xFF]), gives: .tokenResponseInvalid),
        Refusal(
            "ID-21 a byte order mark",
            body([0xEF, 0xBB, 0xBF] + Array((valid + "}").utf8)),
            gives: .tokenResponseInvalid
        ),
        Refusal("ID-21 cut off", body(valid), gives: .tokenResponseInvalid),
        Refusal(
            "ID-21 RO-12 fifty megabytes",
            body([UInt8](repeating: 0x20, count: 50 << 20)),
            gives: .providerUnavailable
        ),
        Refusal("ID-21 access_token is a number", .tokenMember("access_token", 1), gives: .tokenResponseInvalid),
        Refusal("ID-21 access_token is empty", .tokenMember("access_token", ""), gives: .tokenResponseInvalid),
        Refusal("ID-21 no access_token", .tokenMember("access_token", nil), gives: .tokenResponseInvalid),
        Refusal(
            "ID-21 access_token would end a header",
            .tokenMember("access_token", "a\r\nX: y"),
            gives: .tokenResponseInvalid
        ),
        Refusal("ID-21 refresh_token is a list", .tokenMember("refresh_token", []), gives: .tokenResponseInvalid),
        Refusal("ID-21 id_token is an object", .tokenMember("id_token", [:]), gives: .tokenResponseInvalid),
        Refusal("ID-21 expires_in is a word", .tokenMember("expires_in", "soon"), gives: .tokenResponseInvalid),
        Refusal("ID-21 expires_in is empty", .tokenMember("expires_in", ""), gives: .tokenResponseInvalid),
        Refusal("ID-21 expires_in is negative text", .tokenMember("expires_in", "-1"), gives: .tokenResponseInvalid),
        Refusal("ID-21 expires_in is negative", .tokenMember("expires_in", -1), gives: .tokenResponseInvalid),
        Refusal("ID-21 scope is a list", .tokenMember("scope", ["openid"]), gives: .tokenResponseInvalid),
        Refusal("ID-22 no token_type", .tokenMember("token_type", nil), gives: .tokenResponseInvalid),
        Refusal("ID-22 token_type mac", .tokenMember("token_type", "mac"), gives: .tokenResponseInvalid),
        Refusal("ID-22 token_type DPoP", .tokenMember("token_type", "DPoP"), gives: .tokenResponseInvalid),
        Refusal("ID-23 200 with an error", .tokenMember("error", "invalid_grant"), gives: .grantRejected),
        Refusal("ID-23 200 with an error of no type", .tokenMember("error", 1), gives: .tokenResponseInvalid),
        Refusal("ID-23 400 of HTML", body("<html>", type: "text/html", status: 400), gives: .tokenRequestRejected),
        Refusal("ID-23 200 of HTML", body("<html>", type: "text/html"), gives: .tokenResponseInvalid),
        Refusal("ID-23 JSON that is called text", body(valid + "}", type: "text/plain"), gives: .tokenResponseInvalid),
        Refusal(
            "ID-23 a redirect",
            .answer(.token, HTTPTransportResponse(status: 302, headers: [("Location", "https://evil.example/")])),
            gives: .tokenResponseInvalid
        ),
        Refusal("ID-23 201", body(valid + "}", status: 201), gives: .tokenResponseInvalid),
        Refusal("ID-24 no id_token", .tokenMember("id_token", nil), gives: .idTokenMissing),
        Refusal("ID-24 id_token is null", .tokenMember("id_token", .some(.null)), gives: .idTokenMissing),
        Refusal("401 without a word", body("", status: 401), gives: .clientRejected),
        Refusal("invalid_client", body(#"{"error":"invalid_client"}"#, status: 401), gives: .clientRejected),
        Refusal("invalid_grant", body(#"{"error":"invalid_grant"}"#, status: 400), gives: .grantRejected),
        Refusal("an unknown error", body(#"{"error":"e"}"#, status: 400), gives: .tokenRequestRejected),
        Refusal("RO-03 503", body("", status: 503), gives: .providerUnavailable),
        Refusal("RO-03 429", body("", status: 429), gives: .providerUnavailable),
    ]

    @Test("FA-22 the case of token_type does not matter", arguments: ["bearer", "BEARER", "bEARER"])
    func tokenType(_ type: String) async throws {
        try await Acceptance("", .tokenMember("token_type", .string(type))).check()
    }

    @Test("An error of null is none")
    func withoutError() async throws {
        try await Acceptance("", .tokenMember("error", .some(.null))).check()
    }

    @Test("A lifetime that comes as a string counts, when it is one", arguments: ["300", "0"])
    func lifetimeAsText(_ text: String) async throws {
        let clock = ManualClock()
        let provider = ScriptedProvider(clock: clock)
        provider.misbehave(.tokenMember("expires_in", .string(text)))
        let tokens = try await Browser(provider).login().tokens
        #expect(tokens.accessTokenExpiresAt == clock.now().addingTimeInterval(try #require(Double(text))))
    }

    @Test("FA-21 without expires_in the end of the access token is unknown")
    func withoutLifetime() async throws {
        for value in [nil, .some(.null)] as [JSONValue?] {
            let provider = ScriptedProvider()
            provider.misbehave(.tokenMember("expires_in", value), .tokenMember("scope", nil))
            let tokens = try await Browser(provider).login().tokens
            #expect(tokens.accessTokenExpiresAt == nil)
            #expect(tokens.scopes == ["openid", "profile", "email"])
        }
    }

    @Test("The end of the access token is counted from now, and never later than in ten years")
    func lifetime() async throws {
        let clock = ManualClock()
        let provider = ScriptedProvider(clock: clock)
        for (sent, expected) in [(0, 0), (300.5, 300.5), (1e300, 315_360_000)] as [(Double, Double)] {
            provider.misbehave(.tokenMember("expires_in", .number(sent)))
            let tokens = try await Browser(provider).login().tokens
            #expect(tokens.accessTokenExpiresAt == clock.now().addingTimeInterval(expected))
        }
    }

    @Test("ID-25 PT-14 what was granted is kept: nothing, less or more; silence means what was asked for")
    func scopes() async throws {
        let provider = ScriptedProvider()
        for (sent, expected) in [
            ("", []), (" ", []), ("openid", ["openid"]),
            ("openid profile email admin", ["openid", "profile", "email", "admin"]),
            (nil, ["openid", "profile", "email"]),
        ] as [(String?, [String])] {
            provider.misbehave(.tokenMember("scope", sent.map(JSONValue.string)))
            #expect(try await Browser(provider).login().tokens.scopes == expected)
        }
    }

    @Test("RO-03 the pause that the provider asks for is passed on, up to an hour")
    func retryAfter() async throws {
        for (sent, expected) in [("120", .seconds(120)), ("999999999999999999999", .seconds(3600)), ("soon", nil)]
            as [(String, Duration?)]
        {
            let provider = ScriptedProvider()
            provider.misbehave(
                .answer(.token, HTTPTransportResponse(status: 503, headers: [("Retry-After", sent)]))
            )
            let error = await (try Browser(provider)).loginError()
            #expect(error?.retryAfter == expected)
            #expect(error?.httpStatus == 503)
            #expect(error?.isTransient == true)
            #expect(provider.requests(to: .token).count == 1)
        }
    }
}
