import Foundation
import OpenIDConnect
import ScriptedProvider
import Testing

@Suite("Demands on how the user signed in")
struct AuthenticationDemandTests {
    @Test("ID-18 acr that was asked for must come back", arguments: [nil, "urn:basic", .integer(2)] as [JSONValue?])
    func weakerContext(_ acr: JSONValue?) async throws {
        let refusal = Refusal("", .idTokenClaim("acr", acr), gives: .idTokenAuthentication)
        try await refusal.check { $0.requiredAuthenticationContexts = ["urn:strong", "urn:stronger"] }
    }

    @Test(
        "ID-18 RF-02 another acr in a refreshed ID token counts as none, since nobody signed in",
        arguments: [nil, "0", .integer(0), "urn:strong", "urn:stronger"] as [JSONValue?]
    )
    func refreshedContext(_ acr: JSONValue?) async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.idTokenClaim("acr", "urn:strong"))
        let browser = try Browser(provider) { $0.requiredAuthenticationContexts = ["urn:strong", "urn:stronger"] }
        let tokens = try await browser.login().tokens
        provider.misbehave(.idTokenClaim("acr", acr))
        let refreshed = try await browser.relyingParty.refresh(
            #require(tokens.refreshToken),
            of: RefreshableLogin(issuer: provider.issuer, subject: "alice-1", idToken: tokens.idToken)
        )
        let context = acr?.stringValue.flatMap { $0.hasPrefix("urn:") ? $0 : nil }
        #expect(refreshed.claims?.subject == "alice-1" && refreshed.claims?.authenticationContext == context)
    }

    @Test("ID-18 any of the acr that were asked for will do")
    func strongContext() async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.idTokenClaim("acr", "urn:stronger"))
        let browser = try Browser(provider) { $0.requiredAuthenticationContexts = ["urn:strong", "urn:stronger"] }
        let request = try await browser.relyingParty.authorizationRequest()
        #expect(WireForm.ofQuery(request.url)["acr_values"] == "urn:strong urn:stronger")
        #expect(try await browser.login().tokens.claims.authenticationContext == "urn:stronger")
    }

    @Test("AR-12 ID-19 max_age is sent, and auth_time must keep it", arguments: [nil, -361, -86_400] as [Int64?])
    func oldAuthentication(_ offset: Int64?) async throws {
        let now = Int64(ManualClock().now().timeIntervalSince1970)
        let claim = offset.map { JSONValue.integer(now + $0) }
        let refusal = Refusal("", .idTokenClaim("auth_time", claim), gives: .idTokenAuthentication)
        try await refusal.check { $0.maximumAuthenticationAge = .seconds(300) }
    }

    @Test(
        "ID-19 auth_time before 1970 is no time at which anybody signed in",
        arguments: [-1, -0.5, .number(-1.7e308), .integer(.min)] as [JSONValue]
    )
    func impossibleAuthentication(_ moment: JSONValue) async throws {
        try await Refusal("", .idTokenClaim("auth_time", moment), gives: .idTokenAuthentication).check()
    }

    @Test("AR-12 max_age of one login reaches the provider and the check")
    func maximumAgeOfOneLogin() async throws {
        let clock = ManualClock()
        let provider = ScriptedProvider(clock: clock)
        let browser = try Browser(provider)
        let options = AuthorizationOptions(maximumAuthenticationAge: .seconds(60))
        let request = try await browser.relyingParty.authorizationRequest(options)
        #expect(WireForm.ofQuery(request.url)["max_age"] == "60")
        try await browser.login(options)

        let old = Int64(clock.now().timeIntervalSince1970) - 200
        provider.misbehave(.idTokenClaim("auth_time", .integer(old)))
        #expect(await browser.loginError(options)?.code == .idTokenAuthentication)
        try await browser.login()
    }

    @Test("ID-18 acr of one login reaches the provider and the check")
    func contextsOfOneLogin() async throws {
        let provider = ScriptedProvider()
        let browser = try Browser(provider)
        let options = AuthorizationOptions(requiredAuthenticationContexts: ["urn:a", "urn:b"])
        let request = try await browser.relyingParty.authorizationRequest(options)
        #expect(WireForm.ofQuery(request.url)["acr_values"] == "urn:a urn:b")
        #expect(await browser.loginError(options)?.code == .idTokenAuthentication)
        provider.misbehave(.idTokenClaim("acr", "urn:b"))
        try await browser.login(options)
    }

    @Test("ID-18 what one login asks for is among what is configured")
    func otherContexts() async throws {
        let relyingParty = try ScriptedProvider().relyingParty {
            $0.requiredAuthenticationContexts = ["urn:a", "urn:b"]
        }
        for (contexts, isPossible) in [
            (["urn:b"], true), (["urn:c"], false), (["urn:a", "urn:c"], false), ([], false), (["urn:a "], false),
            ([""], false),
        ] {
            let options = AuthorizationOptions(requiredAuthenticationContexts: contexts)
            if isPossible {
                let form = WireForm.ofQuery(try await relyingParty.authorizationRequest(options).url)
                #expect(form["acr_values"] == contexts.joined(separator: " "))
            } else {
                let error = await #expect(throws: OpenIDConnectError.self) {
                    try await relyingParty.authorizationRequest(options)
                }
                #expect(error?.code == .invalidConfiguration)
            }
        }
    }

    @Test("The configured prompt is sent, unless a login brings its own")
    func prompt() async throws {
        let relyingParty = try ScriptedProvider().relyingParty { $0.prompt = ["login", "consent"] }
        let form = WireForm.ofQuery(try await relyingParty.authorizationRequest().url)
        #expect(form["prompt"] == "login consent")
        let other = AuthorizationOptions(prompt: ["select_account"])
        #expect(WireForm.ofQuery(try await relyingParty.authorizationRequest(other).url)["prompt"] == "select_account")
    }

    @Test("Demands that no provider can read are refused when they are configured")
    func malformed() throws {
        for (setting, adjust) in [
            ("prompt", { $0.prompt = ["none", "login"] }), ("prompt", { $0.prompt = ["log in"] }),
            ("requiredAuthenticationContexts", { $0.requiredAuthenticationContexts = ["a b"] }),
            ("requiredAuthenticationContexts", { $0.requiredAuthenticationContexts = [""] }),
        ] as [(String, (inout ProviderConfiguration.Options) -> Void)] {
            let error = #expect(throws: OpenIDConnectError.self) {
                try ScriptedProvider().configuration(adjust: adjust)
            }
            #expect(error?.message.hasPrefix(setting + ": ") == true)
        }
    }
}

extension WireForm {
    /// The parameters of a URL.
    static func ofQuery(_ url: String) -> WireForm {
        WireForm(String(url.split(separator: "?", maxSplits: 1).last ?? ""))
    }
}
