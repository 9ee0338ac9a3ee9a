import Foundation
import OpenIDConnect
import ScriptedProvider
import Secrets
import Testing

/// Logins whose tokens are bound to a key.
enum BoundLogin {
    static let key = ScriptedKey("ES256", kid: nil)

    /// A provider that binds every token, and somebody who signs in there.
    static func browser(
        _ misbehaviours: Misbehaviour...,
        method: String = "client_secret_basic",
        key: ScriptedKey = key,
        adjust: (inout ProviderConfiguration.Options) -> Void = { _ in }
    ) throws -> Browser {
        var client = ScriptedClient()
        client.bindsTokens = true
        client.authenticationMethod = method
        let provider = ScriptedProvider(client: client, clock: ManualClock())
        provider.misbehave(misbehaviours)
        let signingKey = try key.signingKey()
        return try Browser(provider) {
            $0.dpopKey = signingKey
            adjust(&$0)
        }
    }

    /// The proofs in order, with the requests that they came with.
    static func proofs(
        _ provider: ScriptedProvider
    ) throws -> [(endpoint: RecordedRequest.Endpoint, url: String, token: ReceivedToken)] {
        try provider.requests.compactMap { recorded in
            guard let text = recorded.request.header("DPoP") else { return nil }
            #expect(recorded.request.headers.filter { $0.name == "DPoP" }.count == 1)
            return (recorded.endpoint, recorded.request.url, try #require(ReceivedToken(text)))
        }
    }

    static func refresh(_ browser: Browser, _ tokens: TokenSet) async throws -> RefreshedTokens {
        try await browser.relyingParty.refresh(
            #require(tokens.refreshToken),
            of: RefreshableLogin(issuer: browser.provider.issuer, subject: "alice-1")
        )
    }
}
