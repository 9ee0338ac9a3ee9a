import OpenIDConnect
import ScriptedProvider
import Testing

@Suite("A correct provider")
struct CorrectProviderTests {
    @Test("CF-01 a login against a correct provider completes")
    func completes() async throws {
        let provider = ScriptedProvider()
        let (tokens, userInfo) = try await Browser(provider).login()
        #expect(tokens.claims.subject == "alice-1")
        #expect(userInfo.profile["email"] == "alice@example.org")
        #expect(provider.requests.map(\.endpoint) == [.discovery, .token, .keys, .userInfo])
    }
}
