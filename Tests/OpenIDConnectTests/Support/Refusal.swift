import OpenIDConnect
import ScriptedProvider
import Testing

/// One way for a login to go wrong, and the code of the error that must come of it.
struct Refusal: Sendable, CustomTestStringConvertible {
    let name: String
    let misbehaviours: [Misbehaviour]
    let code: OpenIDConnectError.Code
    var keys: [ScriptedKey] = [ScriptedKey()]

    init(
        _ name: String,
        _ misbehaviours: Misbehaviour...,
        gives code: OpenIDConnectError.Code,
        keys: [ScriptedKey] = [ScriptedKey()]
    ) {
        self.name = name
        self.misbehaviours = misbehaviours
        self.code = code
        self.keys = keys
    }

    var testDescription: String { name }

    /// Plays the login; afterwards nothing may have been called with what it brought.
    func check(adjust: (inout ProviderConfiguration.Options) -> Void = { _ in }) async throws {
        let provider = ScriptedProvider(keys: keys, clock: ManualClock())
        provider.misbehave(misbehaviours)
        let error = await (try Browser(provider, adjust: adjust)).loginError()
        #expect(error?.code == code)
        #expect(provider.requests(to: .token).count == 1)
        #expect(provider.requests(to: .userInfo).isEmpty)
        #expect(provider.requests(to: .stray).isEmpty)
    }
}

/// One unusual thing that a correct provider may do.
struct Acceptance: Sendable, CustomTestStringConvertible {
    let name: String
    let misbehaviours: [Misbehaviour]
    var keys: [ScriptedKey] = [ScriptedKey()]

    init(_ name: String, _ misbehaviours: Misbehaviour..., keys: [ScriptedKey] = [ScriptedKey()]) {
        self.name = name
        self.misbehaviours = misbehaviours
        self.keys = keys
    }

    var testDescription: String { name }

    func check(adjust: (inout ProviderConfiguration.Options) -> Void = { _ in }) async throws {
        let provider = ScriptedProvider(keys: keys, clock: ManualClock())
        provider.misbehave(misbehaviours)
        try await Browser(provider, adjust: adjust).login()
        #expect(provider.requests(to: .stray).isEmpty)
    }
}
