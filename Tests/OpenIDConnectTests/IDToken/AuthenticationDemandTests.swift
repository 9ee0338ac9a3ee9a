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
}

extension WireForm {
    /// The parameters of a URL.
    static func ofQuery(_ url: String) -> WireForm {
        WireForm(String(url.split(separator: "?", maxSplits: 1).last ?? ""))
    }
}
