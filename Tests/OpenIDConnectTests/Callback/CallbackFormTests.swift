import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Form of the callback")
struct CallbackFormTests {
    @Test("CB-22 parameters that nobody knows are ignored, even twice")
    func unknownParameters() async throws {
        let (error, _) = try await ChangedCallback.outcome {
            $0.query + "&session_state=a&scope=openid&session_state=b&x&=y"
        }
        #expect(error == nil)
    }

    @Test("CB-23 a name of combining marks takes no longer than any other")
    func longNames() {
        let body = Array((String.combiningMarks(32_000) + "=1").utf8)
        let time = ThreadTime.taken { _ = try? CallbackParameters(formBody: body) }
        #expect(time < .milliseconds(60))
    }

    @Test("CB-23 a code arrives at the token endpoint as it was sent, or not at all")
    func strangeCodes() async throws {
        for code in ["a&b=c", "a+b", "a%00b", "a b", "\"'<>", String(repeating: "c", count: 4096)] {
            let (error, provider) = try await ChangedCallback.outcome { $0.replacing("code", by: code).query }
            #expect(error?.code == .grantRejected)
            let form = try #require(provider.requests(to: .token).first?.form)
            #expect(form["code"] == code)
            #expect(form.repeated.isEmpty && form.fields.count == 4)
        }
        for code in [String(repeating: "c", count: 4097), "a\r\nX: y", "a\u{0}b", "\u{e9}", "\u{7F}"] {
            try await ChangedCallback.expectNoTokenRequest(.callbackMalformed) { $0.replacing("code", by: code).query }
        }
    }

    @Test(
        "CB-23 a query that is not well formed is refused",
        arguments: [
            "code=%", "code=%2", "code=%zz", "state=%ff", "state=%c0%80", "code=a%0d%0ab", "iss=%00", "x=%ed%a0%80",
        ]
    )
    func malformedQuery(_ query: String) {
        let error = #expect(throws: OpenIDConnectError.self) { try CallbackParameters(query: query) }
        #expect(error?.code == .callbackMalformed)
    }

    @Test("CB-20 a form post is read like a query, within bounds")
    func formPost() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider) { $0.responseMode = .formPost }
        let request = try await browser.relyingParty.authorizationRequest()
        let body = Array(try provider.authorize(request.url).query.utf8)
        let callback = try await browser.relyingParty.validatedCallback(
            CallbackParameters(formBody: body),
            expecting: request.expectation
        )
        #expect(callback.issuer == provider.issuer)
        for body in [
            body + Array("&x=".utf8) + [UInt8](repeating: 0x61, count: 32 * 1024),
            [UInt8](repeating: UInt8(ascii: "a"), count: 10 << 20),
            Array((0..<65).map { "p\($0)=1" }.joined(separator: "&").utf8),
        ] {
            let error = #expect(throws: OpenIDConnectError.self) { try CallbackParameters(formBody: body) }
            #expect(error?.code == .callbackMalformed)
        }
    }

    @Test(
        "CB-18 CB-20 a code is taken only as it was to come",
        arguments: [(.formPost, .query), (.query, .formPost), (nil, .formPost)] as [(ResponseMode?, ResponseMode)]
    )
    func otherMode(asked: ResponseMode?, came: ResponseMode) async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider) { $0.responseMode = asked }
        let request = try await browser.relyingParty.authorizationRequest()
        let answer = try provider.authorize(request.url).query
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await browser.relyingParty.validatedCallback(
                came == .query ? CallbackParameters(query: answer) : CallbackParameters(formBody: Array(answer.utf8)),
                expecting: request.expectation
            )
        }
        #expect(error?.code == .callbackResponseMode)
    }

    @Test("CB-06 CB-08 of an answer that can't be read there is the state, if that is there once, and nothing else")
    func stateAlone() async throws {
        let long = String(repeating: "e", count: 257)
        for query in ["state=s&code=a&code=b&iss=i", "code=%&st%61te=s", "state=s&error=\(long)"] {
            let callback = try CallbackParameters(query: query)
            #expect(callback.problem?.code == .callbackMalformed)
            #expect(callback.state?.reveal() == "s")
            #expect(callback.code == nil && callback.issuer == nil && callback.error == nil)
            #expect(callback.description == "callback(unreadable)")
            let expected = ExpectedCallback(state: Secret("s"), issuer: "i", redirectURI: "https://app.example/cb")
            let browser = try Browser(ScriptedProvider())
            let error = await #expect(throws: OpenIDConnectError.self) {
                try await browser.relyingParty.validatedCallback(callback, expecting: expected)
            }
            #expect(error?.code == .callbackMalformed)
            #expect(browser.provider.requests.isEmpty)
        }
        for query in [
            "state=s&state=s", "state=s&st%61te=s", "state=s&state=%zz", "state=%zz", "code=a&code=b", "state=&x=%",
            "code=%&state=" + String(repeating: "s", count: 513),
        ] {
            let error = #expect(throws: OpenIDConnectError.self) { try CallbackParameters(query: query) }
            #expect(error?.code == .callbackMalformed)
        }
    }

    @Test("CF-27 an error that comes by form post is an error")
    func formPostError() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider) { $0.responseMode = .formPost }
        let options = AuthorizationOptions(prompt: ["none"], maximumAuthenticationAge: .zero)
        let request = try await browser.relyingParty.authorizationRequest(options)
        #expect(WireForm.ofQuery(request.url)["max_age"] == "0")
        let body = try provider.authorize(request.url, error: "login_required").query
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await browser.relyingParty.validatedCallback(
                CallbackParameters(formBody: Array(body.utf8)),
                expecting: request.expectation
            )
        }
        #expect(error?.providerError == "login_required")
        #expect(provider.requests(to: .token).isEmpty)
    }
}
