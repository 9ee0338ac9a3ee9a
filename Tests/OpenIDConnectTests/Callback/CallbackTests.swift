import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

@Suite("Callback")
struct CallbackTests {
    @Test("CB-01 FA-06 a state that is not the login's is refused without a request")
    func wrongState() async throws {
        for change in [{ $0 + "x" }, { String($0.dropLast()) }, { _ in "" }, { $0.lowercased() }]
            as [(String) -> String]
        {
            try await ChangedCallback.expectNoTokenRequest(.stateMismatch) {
                $0.replacing("state", by: change($0["state"] ?? "")).query
            }
        }
        try await ChangedCallback.expectNoTokenRequest(.stateMismatch) { answer in
            // One bit off.
            var bytes = Array((answer["state"] ?? "").utf8)
            bytes[20] = bytes[20] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            return answer.replacing("state", by: String(decoding: bytes, as: UTF8.self)).query
        }
    }

    @Test("CB-01 the state is judged before the provider is asked anything")
    func stateFirst() async throws {
        let provider = ScriptedProvider()
        let relyingParty = try provider.relyingParty()
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await relyingParty.validatedCallback(
                CallbackParameters(query: "code=c&state=guessed"),
                expecting: ExpectedCallback(
                    state: Secret("sent"),
                    issuer: provider.issuer,
                    redirectURI: "https://app.example/callback"
                )
            )
        }
        #expect(error?.code == .stateMismatch)
        #expect(provider.requests.isEmpty)
    }

    @Test("CB-01 an empty state matches nothing, not even an empty expectation")
    func emptyState() async throws {
        let relyingParty = try ScriptedProvider().relyingParty()
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await relyingParty.validatedCallback(
                CallbackParameters(query: "code=c&state=&iss=https://op.example"),
                expecting: ExpectedCallback(state: Secret(""), issuer: "https://op.example", redirectURI: "")
            )
        }
        #expect(error?.code == .stateMismatch)
    }

    @Test("FA-07 no state")
    func missingState() async throws {
        try await ChangedCallback.expectNoTokenRequest(.stateMismatch, .callback("state", nil))
    }

    @Test("CB-06 a parameter that comes twice is refused", arguments: ["code", "state", "iss"])
    func repeated(_ name: String) async throws {
        try await ChangedCallback.expectNoTokenRequest(.callbackMalformed, .callbackRepeats(name))
        try await ChangedCallback.expectNoTokenRequest(.callbackMalformed) { $0.query + "&\(name)=other" }
        // Spelt differently, and the same to a decoder.
        let spelt = "%" + String(Array(name.utf8)[0], radix: 16) + name.dropFirst()
        try await ChangedCallback.expectNoTokenRequest(.callbackMalformed) { $0.query + "&\(spelt)=other" }
    }

    @Test("CB-06 error twice")
    func repeatedError() async throws {
        try await ChangedCallback.expectNoTokenRequest(.callbackMalformed) { $0.query + "&error=a&error=b" }
    }

    @Test("CB-07 code and error together count as an error")
    func codeAndError() async throws {
        try await ChangedCallback.expectNoTokenRequest(.authorizationRefused, .callback("error", "access_denied"))
    }

    @Test("CB-07 neither code nor error")
    func neither() async throws {
        try await ChangedCallback.expectNoTokenRequest(.callbackMalformed, .callback("code", nil))
        try await ChangedCallback.expectNoTokenRequest(.callbackMalformed, .callback("code", ""))
    }

    @Test("CB-08 a stranger's error text is cut, made harmless, and kept out of the description")
    func errorText() async throws {
        let hostile = "<script>alert(1)</script>\u{202E}" + String(repeating: "x", count: 1000)
        let (error, _) = try await ChangedCallback.outcome(.callback("error", "access_denied")) {
            $0.replacing("error_description", by: hostile).query
        }
        #expect(error?.providerError == "access_denied")
        let text = try #require(error?.providerDescription)
        #expect(text.utf8.count == 200 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(error?.description.contains("script") == false)

        let (other, _) = try await ChangedCallback.outcome(.callback("error", "evil_\u{e9}rror\"")) { $0.query }
        #expect(other?.providerError == "unregistered")
        #expect(other?.description.contains("evil") == false)
    }

    @Test("CB-09 an error with an unknown state is no error of the provider's")
    func errorWithUnknownState() async throws {
        try await ChangedCallback.expectNoTokenRequest(.stateMismatch, .callback("error", "access_denied")) {
            $0.replacing("state", by: "unknown").query
        }
    }

    @Test(
        "CB-10 FA-04 CB-12 an iss that is not the very same text is refused",
        arguments: [
            "https://evil.example", "https://op.example/", "https://OP.example", "https://op.example:443",
            "https://op%2Eexample", "http://op.example", "https://op.example ", "",
        ]
    )
    func otherIssuer(_ issuer: String) async throws {
        try await ChangedCallback.expectNoTokenRequest(.callbackIssuerMismatch, .callback("iss", issuer))
        // A provider that promises nothing and sends it all the same.
        try await ChangedCallback.expectNoTokenRequest(
            .callbackIssuerMismatch,
            .callback("iss", issuer),
            .metadata("authorization_response_iss_parameter_supported", nil)
        )
        // An error answer is judged by it as well.
        try await ChangedCallback.expectNoTokenRequest(
            .callbackIssuerMismatch,
            .callback("iss", issuer),
            .callback("error", "access_denied")
        )
    }

    @Test("CB-11 FA-05 a promised iss that is missing is refused")
    func missingIssuer() async throws {
        try await ChangedCallback.expectNoTokenRequest(.callbackIssuerMissing, .callback("iss", nil))
    }

    @Test("CB-12 without a promise iss may be there or not")
    func unpromisedIssuer() async throws {
        for change: Misbehaviour in [.callback("iss", nil), .callback("iss", "https://op.example")] {
            for promise in [nil, false, "true"] as [JSONValue?] {
                try await Acceptance("", change, .metadata("authorization_response_iss_parameter_supported", promise))
                    .check()
            }
        }
    }

    @Test("CB-13 a login started at one provider is not finished at another")
    func mixUp() async throws {
        let honest = ScriptedProvider(issuer: "https://honest.example")
        let evil = ScriptedProvider(issuer: "https://evil.example")
        let atHonest = try Browser(honest)
        let atEvil = try Browser(evil)
        let request = try await atHonest.relyingParty.authorizationRequest()
        let answer = try honest.authorize(request.url)

        // The honest code handed to the evil provider's client, with and without its own iss.
        for query in [
            answer.query, answer.replacing("iss", by: nil).query, answer.replacing("iss", by: evil.issuer).query,
        ] {
            let error = await #expect(throws: OpenIDConnectError.self) {
                try await atEvil.exchange(query, for: request)
            }
            #expect(error?.code == .callbackIssuerMismatch)
        }
        // A callback that was validated for one provider does not buy an exchange at the other.
        let callback = try await atHonest.relyingParty.validatedCallback(
            CallbackParameters(query: answer.query),
            expecting: request.expectation
        )
        await #expect(throws: OpenIDConnectError.self) {
            try await atEvil.relyingParty.exchange(
                callback,
                codeVerifier: request.codeVerifier,
                nonce: request.nonce
            )
        }
        #expect(evil.requests(to: .token).isEmpty)
    }

    @Test("CB-14 a victim's code in the attacker's login fails by PKCE, and by the nonce where PKCE is ignored")
    func codeInjection() async throws {
        for ignoresPKCE in [false, true] {
            let provider = ScriptedProvider()
            if ignoresPKCE { provider.misbehave(.ignoresPKCE) }
            let browser = try Browser(provider)
            let victim = try await browser.relyingParty.authorizationRequest()
            let attacker = try await browser.relyingParty.authorizationRequest()
            let stolen = try provider.authorize(victim.url)["code"]
            let answer = try provider.authorize(attacker.url, as: .mallory).replacing("code", by: stolen)
            let error = await #expect(throws: OpenIDConnectError.self) {
                try await browser.exchange(answer.query, for: attacker)
            }
            #expect(error?.code == (ignoresPKCE ? .idTokenNonce : .grantRejected))
            #expect(provider.requests(to: .userInfo).isEmpty)
        }
    }

    @Test("What was read from a callback prints no value")
    func printing() throws {
        let parameters = try CallbackParameters(query: "code=thecode&state=thestate&iss=https://op.example")
        var dumped = ""
        dump(parameters, to: &dumped)
        for text in ["\(parameters)", String(reflecting: parameters), dumped] {
            #expect(!text.contains("thecode") && !text.contains("thestate"))
        }
    }
}
