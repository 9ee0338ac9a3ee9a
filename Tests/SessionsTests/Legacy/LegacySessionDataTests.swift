import LegacySessionData
import Testing

/// Only what is deprecated itself may use what is deprecated without a warning.
private protocol LegacyUse {
    func use() throws
}

private struct DocumentedUse: LegacyUse {
    @available(*, deprecated)
    func use() throws {
        let id = "a session of the documented system"
        #expect(sessionData[id] == nil)
        sessionData[id] = LegacySession(nonce: "n", state: "s", codeVerifier: "v")
        sessionData.update(id) { session in
            session.accessToken = "a token"
            session.sub = "alice"
        }
        let expected = LegacySession(nonce: "n", state: "s", accessToken: "a token", codeVerifier: "v", sub: "alice")
        #expect(sessionData[id] == expected)
        #expect(sessionData.keys.contains(id))
        let session = try #require(sessionData[id])
        var dumped = ""
        dump(session, to: &dumped)
        #expect(!"\(session) \(String(reflecting: session)) \(dumped)".contains("a token"))
        #expect(sessionData.removeValue(forKey: id) == expected)
        #expect(sessionData[id] == nil)
    }
}

@Suite("The deprecated in-memory session data")
struct LegacySessionDataTests {
    @Test("keeps working as documented, and prints no token")
    func works() throws {
        let use: any LegacyUse = DocumentedUse()
        try use.use()
    }
}
