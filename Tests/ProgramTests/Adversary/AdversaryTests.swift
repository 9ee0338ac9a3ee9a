import Foundation
import OpenIDConnect
import ScriptedProvider
import Testing

@Suite("serve against an adversary", .serialized)
struct AdversaryTests {
    /// One thing that the provider does wrong, and how far the program may go along.
    struct Attack: Sendable {
        /// What was asked last, before the program gave up.
        enum Reach: Sendable {
            case callback
            case token
            case userInfo
        }

        let name: String
        let misbehaviours: [Misbehaviour]
        let reach: Reach

        init(_ name: String, _ misbehaviours: Misbehaviour..., reach: Reach = .token) {
            self.name = name
            self.misbehaviours = misbehaviours
            self.reach = reach
        }
    }

    private static func token(_ text: String, _ status: Int = 200, _ type: String = "application/json") -> Misbehaviour
    {
        .answer(
            .token,
            HTTPTransportResponse(status: status, headers: [("Content-Type", type)], body: Array(text.utf8))
        )
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    static var attacks: [Attack] {
        [
            Attack("FA-06 CB-01 another state", .callback("state", Base64URL.random(32)), reach: .callback),
            Attack("FA-07 CB-01 no state", .callback("state", nil), reach: .callback),
            Attack("FA-04 CB-10 another iss", .callback("iss", "https://evil.example"), reach: .callback),
            Attack("FA-05 CB-11 no iss", .callback("iss", nil), reach: .callback),
            Attack("CB-06 two codes", .callbackRepeats("code"), reach: .callback),
            Attack("CB-06 two states", .callbackRepeats("state"), reach: .callback),
            Attack("CB-07 an error beside the code", .callback("error", "access_denied"), reach: .callback),
            Attack("CF-02 FA-08 another iss", .idTokenClaim("iss", "https://evil.example")),
            Attack("FA-09 no iss", .idTokenClaim("iss", nil)),
            Attack("ID-01 a slash more", .idTokenClaimAppends("iss", "/")),
            Attack("CF-03 no sub", .idTokenClaim("sub", nil)),
            Attack("ID-16 a number as sub", .idTokenClaim("sub", 7)),
            Attack("CF-04 FA-10 PT-07 another aud", .idTokenClaimAppends("aud", "1")),
            Attack("CF-05 FA-11 no aud", .idTokenClaim("aud", nil)),
            Attack("FA-12 an audience more", .idTokenClaim("aud", ["client-1", "client-2"])),
            Attack("CF-06 no iat", .idTokenClaim("iat", nil)),
            Attack("ID-13 iat a week ago", .idTokenClaim("iat", .integer(now - 604_800))),
            Attack("FA-16 expired six minutes ago", .idTokenClaim("exp", .integer(now - 360))),
            Attack("FA-17 ID-12 no exp", .idTokenClaim("exp", nil)),
            Attack("ID-14 nbf in an hour", .idTokenClaim("nbf", .integer(now + 3600))),
            Attack("CF-14 FA-18 another nonce", .idTokenClaimAppends("nonce", "1")),
            Attack("FA-19 no nonce", .idTokenClaim("nonce", nil)),
            Attack("CF-40 another at_hash", .idTokenClaimAppends("at_hash", "x")),
            Attack("CF-10 FA-14 unsigned", .idTokenSignature(.unsigned)),
            Attack("CF-12 broken", .idTokenSignature(.broken)),
            Attack("CF-13 an HMAC with the client secret", .idTokenSignature(.hmacWithClientSecret)),
            Attack("ID-06 an HMAC with the public key", .idTokenSignature(.hmacWithPEM)),
            Attack("ID-10 zeros", .idTokenSignature(.zero)),
            Attack("ID-08 crit", .idTokenHeader("crit", ["exp"])),
            Attack("ID-20 an access token", .idTokenHeader("typ", "at+jwt")),
            Attack("ID-24 no ID token", .tokenMember("id_token", nil)),
            Attack("ID-22 no token_type", .tokenMember("token_type", nil)),
            Attack("ID-22 mac", .tokenMember("token_type", "mac")),
            Attack("ID-21 a list", token("[]")),
            Attack("ID-21 nothing", token("")),
            Attack("ID-23 an error with 200", token(#"{"error":"invalid_grant"}"#)),
            Attack("ID-23 a page", token("<html>no</html>", 400, "text/html")),
            Attack("ID-23 a redirect", .answer(.token, .init(status: 307, headers: [("Location", "/userinfo")]))),
            Attack("ID-21 two megabytes, at whose end is what would sign in", .padding(.token, 1 << 21)),
            Attack("CF-16 UI-01 another sub at userinfo", .userInfoClaim("sub", "alice-1invalid"), reach: .userInfo),
            Attack("UI-01 no sub at userinfo", .userInfoClaim("sub", nil), reach: .userInfo),
            Attack("UI-02 userinfo is a page", .answer(.userInfo, .init(status: 200)), reach: .userInfo),
        ]
    }

    @Test("CF-01 CI-08 what the provider does wrong signs nobody in, is followed no further, and harms no later login")
    func attacks() async throws {
        try await AdversarySite.run(["OIDC_USERINFO": "true"]) { site, browser in
            // What is fetched once is at hand, so that the requests of each attempt can be counted.
            #expect(try await site.signIn(browser).status == 303)
            let before = try await site.sessions()
            for attack in Self.attacks {
                site.provider.forgetRequests()
                site.provider.misbehave(attack.misbehaviours)
                let (status, body) = try await Browser.withBrowser { stranger in
                    let page = try await site.signIn(stranger)
                    #expect(stranger.cookies(at: site.origin)[AdversarySite.sessionCookie] == nil, "\(attack.name)")
                    return (page.status, page.body)
                }
                let expected = attack.reach == .callback ? [400, 403] : [400, 502]
                #expect(expected.contains(status), "\(attack.name): \(status)")
                #expect(!body.contains("alice"), "\(attack.name)")
                let asked = site.provider.requests.map(\.endpoint)
                #expect(asked.count { $0 == .authorization } == 1, "\(attack.name)")
                #expect(asked.count { $0 == .token } == (attack.reach == .callback ? 0 : 1), "\(attack.name)")
                #expect(asked.count { $0 == .userInfo } == (attack.reach == .userInfo ? 1 : 0), "\(attack.name)")
                #expect(!asked.contains(.stray), "\(attack.name)")
            }
            #expect(try await site.sessions() == before)
            site.provider.misbehave()
            #expect(try await site.signIn(browser).status == 303)
            #expect(!site.program.errors.contains("\"level\":\"error\""))
        }
    }

    /// What a correct provider may do.
    static var variations: [Attack] {
        [
            Attack("FA-13 aud is a list of one", .idTokenClaim("aud", ["client-1"])),
            Attack("ID-03 azp is this client", .idTokenClaim("azp", "client-1")),
            Attack("CF-41 no at_hash", .idTokenClaim("at_hash", nil)),
            Attack("FA-21 no expires_in", .tokenMember("expires_in", nil)),
            Attack("FA-22 token_type in another case", .tokenMember("token_type", "bEARER")),
            Attack("ID-12 exp with a fraction", .idTokenClaim("exp", .number(Double(now) + 300.5))),
            Attack("ID-20 no typ", .idTokenHeader("typ", nil)),
            Attack("CB-22 a parameter that nobody knows", .callback("session_state", "x")),
            Attack("ID-25 another scope in the answer", .tokenMember("scope", "openid")),
            Attack("ID-21 a thousand spaces before the answer", .padding(.token, 1000)),
            Attack(
                "CF-23 distributed claims",
                .idTokenClaim("_claim_sources", ["a": ["endpoint": "http://127.0.0.1:1/"]])
            ),
        ]
    }

    @Test("CF-01 CF-28 CF-29 what a correct provider may do differently signs people in all the same")
    func variations() async throws {
        try await AdversarySite.run { site, browser in
            #expect(try await site.signIn(browser).status == 303)
            for variation in Self.variations {
                for misbehaviour in variation.misbehaviours {
                    #expect(try !site.provider.hasSent(misbehaviour), "\(variation.name): it is what it does anyway")
                }
                site.provider.misbehave(variation.misbehaviours)
                try await Browser.withBrowser { stranger in
                    #expect(try await site.signIn(stranger).status == 303, "\(variation.name)")
                    let session = try await stranger.request(site.origin + "/session", accept: "application/json")
                    #expect(session.body.contains("alice-1"), "\(variation.name)")
                }
                for misbehaviour in variation.misbehaviours {
                    #expect(try site.provider.hasSent(misbehaviour), "\(variation.name): it was not sent")
                }
                site.provider.misbehave()
                #expect(try await site.signIn(browser).status == 303)
            }
            #expect(site.provider.requests(to: .stray).isEmpty)
            #expect(site.provider.requests(to: .discovery).count == 1 && site.provider.requests(to: .keys).count == 1)
        }
    }

    @Test("CF-34 CF-35 FA-01 keys that change while somebody signs in, among decoys of the same name, are fetched once")
    func rotation() async throws {
        try await AdversarySite.run(keys: [ScriptedKey("ES256", kid: "first")]) { site, browser in
            #expect(try await site.signIn(browser).status == 303)
            let decoys = [ScriptedKey("RS256", kid: "second"), ScriptedKey("ES384", kid: "second")]
            site.provider.rotateKeys(to: [ScriptedKey("ES256", kid: "second")])
            site.provider.misbehave(.decoyKeys(decoys.map { .object($0.publicJWK) }))
            #expect(try await site.signIn(browser).status == 303)
            #expect(site.provider.requests(to: .keys).count == 2)
            // A key that was withdrawn signs nobody in.
            site.provider.misbehave(.idTokenKey(ScriptedKey("ES256", kid: "first")))
            let refused = try await Browser.withBrowser { try await site.signIn($0).status }
            #expect(refused == 502)
        }
    }

    @Test("CF-30 FA-03 metadata of another issuer stops the program before any browser is sent there")
    func otherIssuer() async throws {
        try await AdversarySite.run { site, browser in
            site.provider.misbehave(.metadata("issuer", "https://evil.example"))
            let page = try await site.signIn(browser)
            #expect(page.status == 502)
            #expect(page.location == nil)
            #expect(site.provider.requests(to: .authorization).isEmpty)
        }
    }

    @Test("CF-27 a form post signs in, and an error by form post nobody", arguments: [nil, "login_required"])
    func formPost(error: String?) async throws {
        try await AdversarySite.run(["OIDC_RESPONSE_MODE": "form_post"]) { site, browser in
            site.provider.expect(.alice, error: error)
            let form = try await site.signIn(browser)
            #expect(form.status == 200)
            var fields: [String: String] = [:]
            for name in [error == nil ? "code" : "error", "state", "iss"] {
                fields[name] = try form.hidden(name).addingPercentEncoding(withAllowedCharacters: .alphanumerics)
            }
            let callback = site.origin + "/callback"
            let answer = try await browser.request(callback, form: fields, origin: site.provider.issuer)
            #expect(answer.status == (error == nil ? 303 : 403))
            #expect(try await site.sessions() == (error == nil ? 1 : 0))
            #expect(site.provider.requests(to: .token).count == (error == nil ? 1 : 0))
        }
    }

    @Test(
        "CB-08 CB-18 CB-20 a code in the query where it was to be posted, and a post that can't be read, use the login up",
        arguments: [false, true]
    )
    func unreadable(isPosted: Bool) async throws {
        try await AdversarySite.run(["OIDC_RESPONSE_MODE": "form_post"]) { site, browser in
            let form = try await site.signIn(browser)
            var fields: [String: String] = [:]
            for name in ["code", "state", "iss"] {
                fields[name] = try form.hidden(name).addingPercentEncoding(withAllowedCharacters: .alphanumerics)
            }
            #expect(try await site.startedLogins() == 1)
            let callback = site.origin + "/callback"
            let query = fields.map { "\($0)=\($1)" }.joined(separator: "&")
            let (status, code) = isPosted ? (400, "invalid_callback") : (502, "response_mode_mismatch")
            let answer =
                isPosted
                ? try await browser.request(
                    callback,
                    form: fields.merging(["error": String(repeating: "e", count: 600)]) { $1 },
                    origin: site.provider.issuer
                ) : try await browser.request(callback + "?" + query)
            #expect(answer.status == status && answer.body.contains(code))
            #expect(try await site.startedLogins() == 0)
            #expect(try await site.sessions() == 0)
            #expect(site.provider.requests(to: .token).isEmpty)
            if !isPosted { try await site.program.wait(forLines: 1, with: "callback_response_mode") }
        }
    }

    @Test("CL-01 CL-02 CL-03 CI-13 sign-out ends the session here, then visits the provider, and comes back to a page")
    func signOut() async throws {
        try await AdversarySite.run { site, browser in
            #expect(try await site.signIn(browser).status == 303)
            let left = try await browser.request(
                site.origin + "/logout",
                form: [:],
                origin: AdversarySite.publicOrigin
            )
            #expect(left.status == 303)
            #expect(try await site.sessions() == 0)
            let location = try #require(left.location)
            #expect(location.hasPrefix(site.provider.issuer + "/end-session?"))
            let visit = try await browser.request(location)
            #expect(visit.status == 303, "\(visit.body)")
            let back = try #require(visit.location)
            #expect(back.hasPrefix(AdversarySite.publicOrigin + "/logged-out"))
            for url in [back, AdversarySite.publicOrigin + "/logged-out?state=another"] {
                let landing = try await browser.request(site.local(url))
                #expect(landing.status == 200)
            }
        }
    }
}
