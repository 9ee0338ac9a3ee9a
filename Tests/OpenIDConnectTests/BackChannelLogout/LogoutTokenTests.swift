import Foundation
import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Logout tokens")
struct LogoutTokenTests {
    private static let event = "http://schemas.openid.net/event/backchannel-logout"

    /// One change to a token that would be accepted without it.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var claims: [String: JSONValue?] = [:]
        var header: [String: JSONValue?] = [:]
        var key: ScriptedKey?
        var fault: Misbehaviour.SignatureFault?

        init(
            _ name: String,
            claims: [String: JSONValue?] = [:],
            header: [String: JSONValue?] = [:],
            key: ScriptedKey? = nil,
            fault: Misbehaviour.SignatureFault? = nil
        ) {
            self.testDescription = name
            self.claims = claims
            self.header = header
            self.key = key
            self.fault = fault
        }
    }

    private static let now = Int64(ManualClock().now().timeIntervalSince1970)

    private func read(
        _ change: Case,
        at provider: ScriptedProvider = ScriptedProvider(clock: ManualClock()),
        adjust: (inout ProviderConfiguration.Options) -> Void = { _ in }
    ) async throws -> LogoutToken {
        let token = try provider.logoutToken(
            change.claims,
            header: change.header,
            key: change.key,
            fault: change.fault
        )
        return try await provider.relyingParty(adjust: adjust).logoutToken(Secret(token))
    }

    static let accepted: [Case] = [
        Case("as providers send them"),
        Case("BC-02 a user only", claims: ["sid": nil]),
        Case("BC-03 a session only", claims: ["sub": nil]),
        Case("BC-06 another event beside it", claims: ["events": [event: [:], "https://x.example/e": [:]]]),
        Case("BC-06 members in the event", claims: ["events": [event: ["more": true]]]),
        Case("CL-04 an extra claim", claims: ["extra": ["a": 1]]),
        Case("BC-20 typ JWT", header: ["typ": "JWT"]),
        Case("BC-20 no typ", header: ["typ": nil]),
        Case("BC-20 typ in another case, with its prefix", header: ["typ": "application/LOGOUT+JWT"]),
        Case("several audiences that are ours", claims: ["aud": ["client-1", "client-1"]]),
        Case("expired within the clocks' difference", claims: ["exp": .integer(now - 59)]),
        Case("issued within the clocks' difference", claims: ["iat": .integer(now + 59)]),
        Case("times with fractions", claims: ["iat": .number(Double(now) - 0.5)]),
    ]

    @Test("What a provider may send is accepted", arguments: accepted)
    func accepts(_ change: Case) async throws {
        let token = try await read(change)
        #expect(token.issuer == "https://op.example" && !token.jwtID.isEmpty)
        #expect(token.subject == (change.claims["sub"] == .some(nil) ? nil : "alice-1"))
        #expect(token.sessionID == (change.claims["sid"] == .some(nil) ? nil : "op-session-1"))
    }

    static let refused: [Case] = [
        Case("CL-05 unsigned", fault: .unsigned),
        Case("CL-06 HS256 with the client secret", fault: .hmacWithClientSecret),
        Case("CL-06 HS256 with the public key", fault: .hmacWithPEM),
        Case("a broken signature", fault: .broken), Case("no signature", fault: .empty),
        Case("a key of nobody's", key: ScriptedKey(kid: "strange")),
        Case("a key of nobody's under a known name", key: ScriptedKey(kid: nil)),
        Case("CL-07 another audience", claims: ["aud": "client-11"]),
        Case("CL-07 no audience", claims: ["aud": nil]),
        Case("CL-07 an empty audience", claims: ["aud": []]),
        Case("CL-07 an untrusted audience beside us", claims: ["aud": ["client-1", "other"]]),
        Case("CL-08 another issuer", claims: ["iss": "https://op.example.evil"]),
        Case("CL-08 the issuer with a slash", claims: ["iss": "https://op.example/"]),
        Case("CL-08 no issuer", claims: ["iss": nil]),
        Case("CL-09 another event", claims: ["events": ["http://schemas.openid.net/event/foobar": [:]]]),
        Case("CL-10 no event", claims: ["events": nil]),
        Case("BC-06 events is a list", claims: ["events": [.string(event)]]),
        Case("BC-06 events is the name", claims: ["events": .string(event)]),
        Case("BC-06 the event is true", claims: ["events": [event: true]]),
        Case("BC-06 the event is null", claims: ["events": [event: .null]]),
        Case("BC-06 the event is a list", claims: ["events": [event: []]]),
        Case("BC-06 events is empty", claims: ["events": [:]]),
        Case("CL-11 a nonce", claims: ["nonce": "n"]), Case("CL-11 a nonce that is null", claims: ["nonce": .null]),
        Case("BC-05 neither user nor session", claims: ["sub": nil, "sid": nil]),
        Case("BC-05 both are null", claims: ["sub": .null, "sid": .null]),
        Case("BC-05 an empty user", claims: ["sub": "", "sid": nil]),
        Case("BC-05 a user that is a number beside a session", claims: ["sub": 7]),
        Case("BC-05 a session of 1025 characters", claims: ["sid": .string(String(repeating: "s", count: 1025))]),
        Case("BC-07 no exp", claims: ["exp": nil]),
        Case("BC-07 expired", claims: ["exp": .integer(now - 61)]),
        Case("BC-07 exp is a text", claims: ["exp": "soon"]),
        Case("BC-07 no iat", claims: ["iat": nil]),
        Case("BC-07 issued in the future", claims: ["iat": .integer(now + 61)]),
        Case("BC-07 issued too long ago", claims: ["iat": .integer(now - 3700), "exp": .integer(now + 100)]),
        Case("BC-07 no jti", claims: ["jti": nil]), Case("BC-07 an empty jti", claims: ["jti": ""]),
        Case("BC-07 a jti that is a number", claims: ["jti": 1]),
        Case("BC-07 a jti of 256 characters", claims: ["jti": .string(String(repeating: "j", count: 256))]),
        Case("BC-20 an access token's typ", header: ["typ": "at+jwt"]),
        Case("BC-20 typ is a number", header: ["typ": 1]),
        Case("BC-20 a DPoP proof's typ", header: ["typ": "dpop+jwt"]),
        Case("a critical header", header: ["crit": ["b64"], "b64": false]),
    ]

    @Test("What no provider sends is refused", arguments: refused)
    func refuses(_ change: Case) async throws {
        await #expect(throws: OpenIDConnectError.self) { _ = try await read(change) }
        do {
            _ = try await read(change)
        } catch let error as OpenIDConnectError {
            #expect(error.code == .logoutTokenInvalid)
            #expect(!error.description.contains("alice"))
        }
    }

    @Test("BC-08 an ID token is no logout token, and a logout token signs nobody in")
    func kinds() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider)
        let tokens = try await browser.login().tokens
        await #expect(throws: OpenIDConnectError.self) {
            try await browser.relyingParty.logoutToken(tokens.idToken)
        }
        provider.misbehave(.idTokenReplaced(try provider.logoutToken(["nonce": "x"])))
        #expect(await browser.loginError() != nil)
    }

    @Test(
        "CL-06 a published key of an algorithm that isn't allowed signs no logout, and of one that is it does",
        arguments: [true, false]
    )
    func wrongAlgorithm(isConfigured: Bool) async throws {
        let keys = [ScriptedKey("ES256", kid: "e"), ScriptedKey("RS256", kid: "r")]
        let provider = ScriptedProvider(keys: keys)
        let browser = try Browser(provider) { if isConfigured { $0.allowedAlgorithms = [.es256] } }
        let party = browser.relyingParty
        // With an ID token of the first algorithm: the provider may change to the other at any time.
        try await browser.login()
        _ = try await party.logoutToken(Secret(try provider.logoutToken(key: keys[0])))
        guard isConfigured else {
            _ = try await party.logoutToken(Secret(try provider.logoutToken(key: keys[1])))
            return
        }
        await #expect(throws: OpenIDConnectError.self) {
            try await party.logoutToken(Secret(try provider.logoutToken(key: keys[1])))
        }
    }

    @Test("A new key is fetched for a logout token as for an ID token")
    func rotation() async throws {
        let clock = ManualClock()
        let provider = ScriptedProvider(clock: clock)
        let party = try provider.relyingParty()
        _ = try await party.logoutToken(Secret(try provider.logoutToken()))
        provider.rotateKeys()
        clock.advance(by: .seconds(61))
        _ = try await party.logoutToken(Secret(try provider.logoutToken()))
        #expect(provider.requests(to: .keys).count == 2)
    }

    @Test("BC-17 DJ-07 a flood of unknown keys fetches the provider's keys once")
    func flood() async throws {
        let provider = ScriptedProvider(clock: ManualClock())
        let party = try provider.relyingParty()
        _ = try await party.logoutToken(Secret(try provider.logoutToken()))
        for _ in 0..<200 {
            let token = try provider.logoutToken(key: ScriptedKey())
            await #expect(throws: OpenIDConnectError.self) { try await party.logoutToken(Secret(token)) }
        }
        #expect(provider.requests(to: .keys).count <= 2)
    }

    @Test("A provider that can't be asked says nothing about the token")
    func outage() async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.failure(.keys, .notConnected))
        let party = try provider.relyingParty()
        let token = Secret(try provider.logoutToken())
        do {
            _ = try await party.logoutToken(token)
            Issue.record("it was accepted")
        } catch let error as OpenIDConnectError {
            #expect(error.isTransient)
        }
    }

    @Test("A token is acceptable until its end, or an hour after its beginning, and the clocks' difference")
    func acceptableUntil() async throws {
        let beginning = Date(timeIntervalSince1970: Double(Self.now))
        let short = try await read(Case(""))
        #expect(short.acceptableUntil == beginning.addingTimeInterval(120 + 60))
        #expect(short.issuedAt == beginning && short.expiresAt == beginning.addingTimeInterval(120))
        let long = try await read(Case("", claims: ["exp": .integer(Self.now + 1_000_000)]))
        #expect(long.acceptableUntil == beginning.addingTimeInterval(3600 + 60))
    }

    @Test("What a token says of its sender is read before it is believed, and nothing more")
    func unverified() throws {
        let provider = ScriptedProvider()
        let configuration = try provider.configuration()
        let spoilt = try provider.logoutToken(fault: .broken)
        #expect(try #require(UnverifiedLogoutToken(Secret(spoilt))).isFor(configuration))
        let others: [[String: JSONValue]] = [
            ["iss": "https://x.example"], ["aud": "client-2"], ["aud": []], ["aud": 1],
        ]
        for claims in others {
            let token = try provider.logoutToken(claims.mapValues { $0 })
            #expect(UnverifiedLogoutToken(Secret(token))?.isFor(configuration) == false)
        }
        for text in ["", "..", "a.b.c", String(repeating: "a", count: 100_000), spoilt + ".x.y"] {
            #expect(UnverifiedLogoutToken(Secret(text)) == nil)
        }
    }
}
