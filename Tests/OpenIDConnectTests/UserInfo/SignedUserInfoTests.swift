import Foundation
import OpenIDConnect
import ScriptedProvider
import Testing

@Suite("Signed userinfo")
struct SignedUserInfoTests {
    private static func provider(_ misbehaviours: [Misbehaviour] = [], signs: Bool = true) -> ScriptedProvider {
        var client = ScriptedClient()
        client.userInfoAlgorithm = signs ? "ES256" : nil
        let keys = [ScriptedKey("RS256", kid: "rsa"), ScriptedKey("ES256", kid: "ec")]
        let provider = ScriptedProvider(client: client, keys: keys, clock: ManualClock())
        provider.misbehave(misbehaviours)
        return provider
    }

    @Test("CF-21 userinfo in the agreed signature is taken, though ID tokens have another")
    func signed() async throws {
        let provider = Self.provider()
        // What ID tokens are signed with says nothing about userinfo.
        provider.misbehave(.metadata("id_token_signing_alg_values_supported", ["RS256"]))
        let (_, userInfo) = try await Browser(provider) {
            $0.userInfoSigningAlgorithm = .es256
            $0.allowedAlgorithms = [.rs256]
        }.login()
        #expect(userInfo.profile["email"] == "alice@example.org")
        #expect(userInfo.profile["iss"] == nil && userInfo.profile["aud"] == nil)
        #expect(provider.requests(to: .userInfo).first?.request.header("Accept") == "application/jwt")
    }

    @Test("UI-02 a signed answer that was not agreed on is refused, and a plain one where a signed one was")
    func otherKind() async throws {
        let signing = Self.provider()
        #expect(await (try Browser(signing)).loginError()?.code == .userInfoInvalid)
        let plain = Self.provider(signs: false)
        let error = await (try Browser(plain) { $0.userInfoSigningAlgorithm = .es256 }).loginError()
        #expect(error?.code == .userInfoInvalid)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let misbehaviours: [Misbehaviour]
        let code: OpenIDConnectError.Code

        init(_ name: String, _ misbehaviours: Misbehaviour..., gives code: OpenIDConnectError.Code = .userInfoInvalid) {
            testDescription = name
            self.misbehaviours = misbehaviours
            self.code = code
        }
    }

    private static var now: Int64 { Int64(ManualClock().now().timeIntervalSince1970) }

    static let faults =
        Misbehaviour.SignatureFault.allCases.map { Fault("CF-21 signature \($0)", .userInfoSignature($0)) } + [
            Fault("CF-21 no iss", .userInfoClaim("iss", nil)),
            Fault("CF-21 another iss", .userInfoClaim("iss", "https://op.example/")),
            Fault("CF-21 no aud", .userInfoClaim("aud", nil)),
            Fault("CF-21 another aud", .userInfoClaim("aud", "client-11")),
            Fault("CF-21 aud is an empty list", .userInfoClaim("aud", [])),
            Fault("CF-21 expired", .userInfoClaim("exp", .integer(now - 61))),
            Fault("CF-21 exp is text", .userInfoClaim("exp", "never")),
            Fault("CF-21 not valid yet", .userInfoClaim("nbf", .integer(now + 61))),
            Fault("CF-21 a key that is not published", .userInfoKey(ScriptedKey("ES256", kid: "ec"))),
            Fault("CF-21 a kid that is not published", .userInfoHeader("kid", "other")),
            Fault("CF-21 critical members", .userInfoHeader("crit", ["exp"])),
            Fault("CF-21 an access token", .userInfoHeader("typ", "at+jwt")),
            Fault("CF-21 a logout token", .userInfoHeader("typ", "logout+jwt")),
            Fault("UI-01 another sub", .userInfoClaim("sub", "mallory-1"), gives: .userInfoSubject),
            Fault("UI-01 no sub", .userInfoClaim("sub", nil), gives: .userInfoSubject),
            Fault("CF-21 text", .answer(.userInfo, Self.answer("application/jwt", "a.b"))),
            Fault("CF-21 bytes that are no text", .answer(.userInfo, Self.answer("application/jwt", "\u{FFFD}"))),
            Fault(
                "CF-21 an encrypted answer",
                .answer(.userInfo, Self.answer("application/jwt", "e30.e30.e30.e30.e30"))
            ),
            Fault("UI-03 401", .answer(.userInfo, HTTPTransportResponse(status: 401)), gives: .userInfoUnauthorized),
        ]

    private static func answer(_ type: String, _ body: String) -> HTTPTransportResponse {
        HTTPTransportResponse(status: 200, headers: [("Content-Type", type)], body: Array(body.utf8))
    }

    @Test("Userinfo that is not signed for this client by the provider is thrown away", arguments: faults)
    func refused(_ fault: Fault) async throws {
        let provider = Self.provider(fault.misbehaviours)
        let error = await (try Browser(provider) { $0.userInfoSigningAlgorithm = .es256 }).loginError()
        #expect(error?.code == fault.code)
        #expect(provider.requests(to: .userInfo).count == 1)
    }

    @Test("CF-21 a genuine key of another algorithm than the one agreed is refused")
    func alternateAlgorithm() async throws {
        let provider = Self.provider()
        provider.misbehave(.userInfoKey(provider.keys[0]))
        let error = await (try Browser(provider) { $0.userInfoSigningAlgorithm = .es256 }).loginError()
        #expect(error?.code == .userInfoInvalid)
    }

    @Test("CF-35 a key that appeared since is fetched, and an outage of the keys is no verdict on the answer")
    func rotation() async throws {
        let provider = Self.provider()
        let browser = try Browser(provider) { $0.userInfoSigningAlgorithm = .es256 }
        let tokens = try await browser.login().tokens
        func userInfo() async throws -> UserInfo {
            try await browser.relyingParty.userInfo(accessToken: tokens.accessToken, expectedSubject: "alice-1")
        }
        provider.rotateKeys(to: [ScriptedKey("RS256"), ScriptedKey("ES256")])
        #expect(try await userInfo().subject == "alice-1")
        (provider.clock as? ManualClock)?.advance(by: .seconds(31))
        provider.rotateKeys(to: [ScriptedKey("RS256"), ScriptedKey("ES256")])
        provider.misbehave(.failure(.keys, .timedOut))
        let error = await #expect(throws: OpenIDConnectError.self) { try await userInfo() }
        #expect(error?.code == .providerUnavailable)
    }

    @Test("CF-21 an audience of several, and times that fit")
    func acceptable() async throws {
        let provider = Self.provider([
            .userInfoClaim("aud", ["other", "client-1"]), .userInfoClaim("exp", .integer(Self.now + 1)),
            .userInfoClaim("nbf", .integer(Self.now)), .userInfoHeader("typ", "JWT"),
        ])
        try await Browser(provider) { $0.userInfoSigningAlgorithm = .es256 }.login()
    }
}
