import Crypto
import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Authorization request")
struct AuthorizationRequestTests {
    @Test("CI-01 CI-03 CI-05 the request holds what the flow needs, once each")
    func parameters() async throws {
        let provider = ScriptedProvider()
        let request = try await provider.relyingParty().authorizationRequest()
        let form = WireForm.ofQuery(request.url)
        #expect(request.url.hasPrefix("https://op.example/authorize?"))
        #expect(form.repeated.isEmpty)
        #expect(
            form.fields.map(\.name) == [
                "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
                "code_challenge_method",
            ]
        )
        #expect(form["response_type"] == "code")
        #expect(form["client_id"] == "client-1")
        #expect(form["redirect_uri"] == "https://app.example/callback")
        #expect(form["scope"] == "openid profile email")
        #expect(form["state"] == request.state.reveal())
        #expect(form["nonce"] == request.nonce.reveal())
        #expect(form["code_challenge_method"] == "S256")
        let challenge = Base64URL.encode(Array(SHA256.hash(data: Array(request.codeVerifier.reveal().utf8))))
        #expect(form["code_challenge"] == challenge)
        #expect(!request.url.contains(request.codeVerifier.reveal()))
        #expect(!String(reflecting: request).contains(request.state.reveal()))
    }

    @Test("AR-02 AR-03 AR-01 CI-04 PR-20 10,000 starts share no state, nonce or verifier")
    func randomness() async throws {
        let relyingParty = try ScriptedProvider().relyingParty()
        var seen: Set<String> = []
        var bits = [Int](repeating: 0, count: 256)
        for _ in 0..<10_000 {
            let request = try await relyingParty.authorizationRequest()
            for secret in [request.state, request.nonce, request.codeVerifier] {
                let text = secret.reveal()
                #expect(text.utf8.count == 43)
                #expect(seen.insert(text).inserted)
                let bytes = Base64URL.decode(text)
                for index in 0..<256 where bytes[index / 8] >> (index % 8) & 1 == 1 { bits[index] += 1 }
            }
        }
        // Each bit is set in half of 30,000 values, give or take seven standard deviations.
        #expect(bits.allSatisfy { (14_394...15_606).contains($0) })
    }

    @Test("AR-01 two logins in one browser finish in any order")
    func twoTabs() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider)
        let first = try await browser.relyingParty.authorizationRequest()
        let second = try await browser.relyingParty.authorizationRequest()
        let firstAnswer = try provider.authorize(first.url)
        let secondAnswer = try provider.authorize(second.url, as: .mallory)
        #expect(try await browser.exchange(secondAnswer.query, for: second).claims.subject == "mallory-1")
        #expect(try await browser.exchange(firstAnswer.query, for: first).claims.subject == "alice-1")
    }

    @Test(
        "AR-04 S256, state and nonce are sent whatever the provider says of PKCE",
        arguments: [nil, ["plain"], ["plain", "S256"], []] as [JSONValue?]
    )
    func pkceSupport(_ methods: JSONValue?) async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.metadata("code_challenge_methods_supported", methods))
        let form = WireForm.ofQuery(try await provider.relyingParty().authorizationRequest().url)
        #expect(form["code_challenge_method"] == "S256")
        #expect(form["code_challenge"]?.utf8.count == 43)
        #expect(form["state"] != nil && form["nonce"] != nil)
    }

    @Test("AR-05 an error of the provider leads to no request without PKCE")
    func noDowngrade() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider)
        let request = try await browser.relyingParty.authorizationRequest()
        let answer = try provider.authorize(request.url, error: "invalid_request")
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await browser.exchange(answer.query, for: request)
        }
        #expect(error?.code == .authorizationRefused)
        #expect(error?.providerError == "invalid_request")
        #expect(provider.requests(to: .token).isEmpty)
        let next = WireForm.ofQuery(try await browser.relyingParty.authorizationRequest().url)
        #expect(next["code_challenge_method"] == "S256")
    }

    @Test("CF-15 a nonce is sent in the code flow too")
    func nonce() async throws {
        let request = try await ScriptedProvider().relyingParty().authorizationRequest()
        #expect(WireForm.ofQuery(request.url)["nonce"]?.isEmpty == false)
    }

    @Test("CF-17 the scopes are the configured ones, and their claims arrive")
    func scopes() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider) { $0.scopes = ["openid", "phone", "address"] }
        let request = try await browser.relyingParty.authorizationRequest()
        #expect(WireForm.ofQuery(request.url)["scope"] == "openid phone address")
        let user = ScriptedUser(subject: "u", claims: ["phone_number": "+49 1", "address": ["locality": "B"]])
        let (tokens, userInfo) = try await browser.login(as: user)
        let claims = StandardClaims(tokens.claims, userInfo: userInfo)
        #expect(claims.profile["phone_number"] == "+49 1")
        #expect(claims.profile["address"] == ["locality": "B"])
    }

    @Test("AR-19 a login hint is encoded, and left out when it cannot be one")
    func loginHint() async throws {
        let relyingParty = try ScriptedProvider().relyingParty()
        func sent(_ hint: String) async throws -> String? {
            let request = try await relyingParty.authorizationRequest(AuthorizationOptions(loginHint: hint))
            #expect(request.url.utf8.allSatisfy { (0x21...0x7E).contains($0) })
            let form = WireForm.ofQuery(request.url)
            #expect(form.repeated.isEmpty)
            return form["login_hint"]
        }
        #expect(try await sent("a+b&state=x@exämple.org") == "a+b&state=x@exämple.org")
        #expect(try await sent(String(repeating: "h", count: 256)) == String(repeating: "h", count: 256))
        #expect(try await sent(String(repeating: "h", count: 257)) == nil)
        #expect(try await sent(String(repeating: "h", count: 1 << 20)) == nil)
        #expect(try await sent("a\r\nSet-Cookie: b=c") == nil)
        #expect(try await sent("") == nil)
    }

    @Test("Options of one login arrive, and impossible ones are refused")
    func options() async throws {
        let relyingParty = try ScriptedProvider().relyingParty {
            $0.responseMode = .formPost
            $0.authorizationParameters = ["hd": "example.org", "audience": "api &co"]
        }
        let options = AuthorizationOptions(prompt: ["login", "consent"], uiLocales: ["de-CH", "x\ny", "en"])
        let form = WireForm.ofQuery(try await relyingParty.authorizationRequest(options).url)
        #expect(form["response_mode"] == "form_post")
        #expect(form["prompt"] == "login consent")
        #expect(form["ui_locales"] == "de-CH en")
        #expect(form["hd"] == "example.org")
        #expect(form["audience"] == "api &co")
        for prompt in [["none", "login"], [""], ["log in"]] {
            let error = await #expect(throws: OpenIDConnectError.self) {
                try await relyingParty.authorizationRequest(AuthorizationOptions(prompt: prompt))
            }
            #expect(error?.code == .invalidConfiguration)
        }
    }

    @Test("AR-09 an endpoint that sets a parameter of the login itself is refused")
    func parameterInEndpoint() async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.metadata("authorization_endpoint", "https://op.example/authorize?tenant=1"))
        let url = try await provider.relyingParty().authorizationRequest().url
        #expect(url.hasPrefix("https://op.example/authorize?tenant=1&response_type=code&"))

        provider.misbehave(.metadata("authorization_endpoint", "https://op.example/authorize?st%61te=x"))
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await provider.relyingParty().authorizationRequest()
        }
        #expect(error?.code == .metadataInvalid)
    }
}
