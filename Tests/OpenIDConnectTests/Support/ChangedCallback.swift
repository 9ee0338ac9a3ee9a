import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

/// Plays callbacks that somebody has changed on the way.
enum ChangedCallback {
    /// A started login, the provider's answer, and what becomes of the answer after `change`.
    static func outcome(
        _ misbehaviours: Misbehaviour...,
        change: (AuthorizationAnswer) -> String
    ) async throws -> (error: OpenIDConnectError?, provider: ScriptedProvider) {
        let provider = ScriptedProvider()
        provider.misbehave(misbehaviours)
        let browser = try Browser(provider)
        let request = try await browser.relyingParty.authorizationRequest()
        let query = change(try provider.authorize(request.url))
        do {
            _ = try await browser.exchange(query, for: request)
            return (nil, provider)
        } catch {
            return (try #require(error as? OpenIDConnectError), provider)
        }
    }

    static func expectNoTokenRequest(
        _ code: OpenIDConnectError.Code,
        _ misbehaviours: Misbehaviour...,
        change: (AuthorizationAnswer) -> String = \.query
    ) async throws {
        let provider = ScriptedProvider()
        provider.misbehave(misbehaviours)
        let browser = try Browser(provider)
        let request = try await browser.relyingParty.authorizationRequest()
        let query = change(try provider.authorize(request.url))
        let error = await #expect(throws: OpenIDConnectError.self) {
            try await browser.exchange(query, for: request)
        }
        #expect(error?.code == code)
        #expect(provider.requests(to: .token).isEmpty)
        for text in ["\(String(describing: error))", String(reflecting: error)] {
            #expect(!text.contains(request.state.reveal()))
        }
    }
}
