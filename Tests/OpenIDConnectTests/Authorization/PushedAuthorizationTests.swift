import OpenIDConnect
import ScriptedProvider
import Testing

@Suite("Pushed authorization requests")
struct PushedAuthorizationTests {
    @Test("AR-15 a provider that demands pushed requests is not signed in at when they are off, or have no place")
    func demanded() async throws {
        let provider = ScriptedProvider()
        provider.misbehave(.metadata("require_pushed_authorization_requests", true))
        for (setting, code) in [
            (PushedAuthorization.never, OpenIDConnectError.Code.invalidConfiguration),
            (.automatic, .metadataInvalid), (.always, .metadataInvalid),
        ] {
            let relyingParty = try provider.relyingParty { $0.pushedAuthorization = setting }
            let error = await #expect(throws: OpenIDConnectError.self) { try await relyingParty.authorizationRequest() }
            #expect(error?.code == code)
        }
        #expect(provider.requests.allSatisfy { $0.endpoint == .discovery })
    }
}
