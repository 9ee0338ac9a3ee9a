import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Userinfo")
struct UserInfoTests {
    private func error(
        _ misbehaviours: Misbehaviour...,
        subject: String = "alice-1"
    ) async throws -> OpenIDConnectError? {
        let provider = ScriptedProvider()
        provider.misbehave(misbehaviours)
        let browser = try Browser(provider)
        let error = await browser.loginError()
        #expect(provider.requests(to: .userInfo).count == 1)
        return error
    }

    @Test(
        "UI-01 CF-16 claims about anyone else are thrown away",
        arguments: [
            nil, "alice-1invalid", "alice-", "Alice-1", "", 1, ["alice-1"], .some(.null), "mallory-1",
        ] as [JSONValue?]
    )
    func otherSubject(_ subject: JSONValue?) async throws {
        #expect(try await error(.userInfoClaim("sub", subject))?.code == .userInfoSubject)
    }

    @Test("ID-29 PT-09 subjects are compared byte by byte: alice is not Alice, and K is not the Kelvin sign")
    func bytes() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider)
        let token = try await browser.login(as: ScriptedUser(subject: "K")).tokens.accessToken
        provider.misbehave(.userInfoClaim("sub", "\u{212A}"))
        #expect("K" == "\u{212A}")
        for subject in ["K", "k"] {
            let error = await #expect(throws: OpenIDConnectError.self) {
                try await browser.relyingParty.userInfo(accessToken: token, expectedSubject: subject)
            }
            #expect(error?.code == .userInfoSubject)
        }
    }

    @Test("UI-02 an answer that is no JSON object is refused", arguments: answerCases)
    func answers(_ answer: Answer) async throws {
        #expect(try await error(.answer(.userInfo, answer.response))?.code == answer.code)
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let response: HTTPTransportResponse
        let code: OpenIDConnectError.Code

        init(_ name: String, _ status: Int, _ type: String?, _ body: String, _ code: OpenIDConnectError.Code) {
            testDescription = name
            response = HTTPTransportResponse(
                status: status,
                headers: type.map { [("Content-Type", $0)] } ?? [],
                body: Array(body.utf8)
            )
            self.code = code
        }
    }

    private static let claims = #"{"sub":"alice-1"}"#

    static let answerCases = [
        Answer("UI-02 a list", 200, "application/json", "[\(claims)]", .userInfoInvalid),
        Answer("UI-02 a string", 200, "application/json", #""alice-1""#, .userInfoInvalid),
        Answer("UI-02 204", 204, nil, "", .userInfoInvalid),
        Answer("UI-02 HTML", 200, "text/html", "<html>", .userInfoInvalid),
        Answer("UI-02 a JWT that nobody asked for", 200, "application/jwt", "e30.e30.e30", .userInfoInvalid),
        Answer("UI-02 sub twice", 200, "application/json", #"{"sub":"alice-1","sub":"m"}"#, .userInfoInvalid),
        Answer("UI-02 a redirect", 302, nil, "", .userInfoInvalid),
        Answer("UI-03 401", 401, "application/json", claims, .userInfoUnauthorized),
        Answer("UI-03 403", 403, "application/json", claims, .userInfoRejected),
        Answer("UI-03 400", 400, "application/json", claims, .userInfoRejected),
        Answer("UI-03 500", 500, "application/json", claims, .providerUnavailable),
        Answer("UI-03 503", 503, nil, "", .providerUnavailable),
        Answer("UI-03 429", 429, nil, "", .providerUnavailable),
        Answer(
            "RO-12 too large",
            200,
            "application/json",
            "{\"sub\":\"alice-1\"\(String(repeating: " ", count: 1 << 20))}",
            .providerUnavailable
        ),
    ]

    @Test("CF-19 the access token goes into the header, and nowhere else")
    func bearer() async throws {
        let provider = ScriptedProvider()
        let tokens = try await Browser(provider).login().tokens
        let request = try #require(provider.requests(to: .userInfo).first?.request)
        #expect(request.header("Authorization") == "Bearer \(tokens.accessToken.reveal())")
        #expect(request.url == "https://op.example/userinfo")
        #expect(request.body.isEmpty)
    }

    @Test("UI-04 userinfo replaces nothing that the ID token says about itself")
    func protectedClaims() async throws {
        let provider = ScriptedProvider()
        let names = ["iss", "aud", "exp", "iat", "nonce", "azp", "acr", "sid", "auth_time"]
        provider.misbehave(names.map { .userInfoClaim($0, "evil") } + [.userInfoClaim("name", "Alicia")])
        let (tokens, userInfo) = try await Browser(provider).login()
        for name in names + ["sub"] { #expect(userInfo.profile[name] == nil) }
        let claims = StandardClaims(tokens.claims, userInfo: userInfo)
        #expect(claims.name == "Alicia")
        #expect(tokens.claims.issuer == provider.issuer)
    }

    @Test("UI-05 only the boolean true makes an address a verified one")
    func verifiedAddress() async throws {
        let provider = ScriptedProvider()
        for (sent, expected) in [
            (true, true), (false, false), ("true", false), (1, false), (nil, false), (.some(.null), false),
        ] as [(JSONValue?, Bool)] {
            provider.misbehave(.userInfoClaim("email_verified", sent), .idTokenClaim("email_verified", sent))
            let (tokens, userInfo) = try await Browser(provider).login()
            #expect(StandardClaims(tokens.claims, userInfo: userInfo).isEmailVerified == expected)
            #expect(StandardClaims(tokens.claims).isEmailVerified == expected)
        }
    }

    @Test("UI-05 one source's address is not verified by the other's word")
    func mixedAddress() async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.userInfoClaim("email", "victim@example.org"), .userInfoClaim("email_verified", nil))
        let (tokens, userInfo) = try await Browser(provider).login()
        let claims = StandardClaims(tokens.claims, userInfo: userInfo)
        #expect(claims.email == "victim@example.org")
        #expect(!claims.isEmailVerified)
    }

    @Test(
        "UI-05 address and number come from one source together with their verification",
        arguments: ["email", "phone_number"],
        [
            // What ID token and userinfo say: the claim, its verification; then what is to come of it.
            PairCase(("a", false), (nil, true), gives: ("a", false)),
            PairCase(("a", nil), (nil, true), gives: ("a", nil)),
            PairCase(("a", true), (nil, false), gives: ("a", true)),
            PairCase(("a", true), ("b", nil), gives: ("b", nil)),
            PairCase(("a", true), ("b", false), gives: ("b", false)),
            PairCase(("a", false), ("b", true), gives: ("b", true)),
            PairCase((nil, true), ("b", nil), gives: ("b", nil)),
            PairCase((nil, true), (nil, true), gives: (nil, nil)),
        ]
    )
    func pairs(_ claim: String, _ pair: PairCase) async throws {
        let provider = ScriptedProvider()
        provider.misbehave(
            .idTokenClaim(claim, pair.idToken.claim),
            .idTokenClaim(claim + "_verified", pair.idToken.verified),
            .userInfoClaim(claim, pair.userInfo.claim),
            .userInfoClaim(claim + "_verified", pair.userInfo.verified)
        )
        let (tokens, userInfo) = try await Browser(provider).login()
        let profile = StandardClaims(tokens.claims, userInfo: userInfo).profile
        #expect(profile[claim] == pair.expected.claim)
        #expect(profile[claim + "_verified"] == pair.expected.verified)
    }

    struct PairCase: Sendable, CustomTestStringConvertible {
        typealias Pair = (claim: JSONValue?, verified: JSONValue?)
        let idToken: Pair
        let userInfo: Pair
        let expected: Pair

        init(_ idToken: Pair, _ userInfo: Pair, gives expected: Pair) {
            self.idToken = idToken
            self.userInfo = userInfo
            self.expected = expected
        }

        var testDescription: String { "\(idToken) and \(userInfo)" }
    }

    @Test("AD-12 claims about a person don't show in a printed value")
    func printed() async throws {
        let (tokens, userInfo) = try await Browser(ScriptedProvider()).login()
        let claims = StandardClaims(tokens.claims, userInfo: userInfo)
        let name = try #require(claims.name)
        var dumped = ""
        dump(claims, to: &dumped)
        for text in ["\(claims)", String(reflecting: claims), dumped] { #expect(!text.contains(name)) }
    }

    @Test("CF-22 CF-23 aggregated and distributed claims are ignored, and nothing is fetched for them")
    func otherSources() async throws {
        let provider = ScriptedProvider()
        let names: JSONValue = ["credit_score": "src1", "address": "src2"]
        let sources: JSONValue = [
            "src1": ["endpoint": "https://internal.example/claims", "access_token": "x"], "src2": ["JWT": "e30.e30."],
        ]
        provider.misbehave(
            .userInfoClaim("_claim_names", names),
            .userInfoClaim("_claim_sources", sources),
            .idTokenClaim("_claim_names", names),
            .idTokenClaim("_claim_sources", sources)
        )
        let (tokens, userInfo) = try await Browser(provider).login()
        #expect(userInfo.profile["_claim_sources"] == nil && tokens.claims.profile["_claim_sources"] == nil)
        #expect(provider.requests(to: .stray).isEmpty)
    }

    @Test("A provider without userinfo says so before anything is sent")
    func noEndpoint() async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.metadata("userinfo_endpoint", nil))
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await provider.relyingParty().userInfo(accessToken: Secret("a"), expectedSubject: "s")
        }
        #expect(error?.code == .userInfoInvalid)
        #expect(provider.requests(to: .userInfo).isEmpty)
    }
}
