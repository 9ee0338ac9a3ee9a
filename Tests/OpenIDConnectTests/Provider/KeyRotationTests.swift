import OpenIDConnect
import ScriptedProvider
import Testing

@Suite("Rotation of keys")
struct KeyRotationTests {
    let clock = ManualClock()

    private func provider(_ keys: [ScriptedKey] = [ScriptedKey()]) -> ScriptedProvider {
        ScriptedProvider(keys: keys, clock: clock)
    }

    @Test("CF-34 CF-35 after a rotation the next login fetches the keys once, in the same callback")
    func rotation() async throws {
        let provider = provider()
        let browser = try Browser(provider)
        try await browser.login()
        provider.rotateKeys()
        try await browser.login()
        try await browser.login()
        #expect(provider.requests(to: .keys).count == 2)
    }

    @Test("CF-35 a provider that changes its algorithm is asked for its metadata again, in the same callback")
    func algorithmRotation() async throws {
        let provider = provider([ScriptedKey("RS256")])
        let browser = try Browser(provider)
        try await browser.login()
        provider.rotateKeys(to: [ScriptedKey("ES256")])
        clock.advance(by: .seconds(30))
        try await browser.login()
        try await browser.login()
        #expect(provider.requests(to: .discovery).count == 2)
    }

    @Test("DJ-07 tokens with an algorithm that is not announced make one request for metadata in each cool-down")
    func unannouncedAlgorithms() async throws {
        let provider = provider([ScriptedKey("ES256")])
        let browser = try Browser(provider)
        try await browser.login()
        provider.misbehave(.idTokenKey(ScriptedKey("ES384")))
        for window in 2...4 {
            for _ in 0..<5 { #expect(await browser.loginError()?.code == .idTokenAlgorithm) }
            #expect(provider.requests(to: .discovery).count == window)
            clock.advance(by: .seconds(30))
        }
        // What the configuration doesn't allow is no reason to ask.
        provider.misbehave(.idTokenSignature(.hmacWithClientSecret))
        #expect(await browser.loginError()?.code == .idTokenAlgorithm)
        #expect(provider.requests(to: .discovery).count == 4)
    }

    @Test(
        "Ed25519 and EdDSA are one algorithm, whichever name is configured, announced or used",
        arguments: ["Ed25519", "EdDSA"],
        ["Ed25519", "EdDSA"]
    )
    func oneAlgorithm(_ announced: String, _ used: String) async throws {
        for allowed in [SigningAlgorithm.eddsa, .ed25519] {
            let key = ScriptedKey(used)
            let provider = provider([key])
            provider.misbehave(.metadata("id_token_signing_alg_values_supported", [.string(announced)]))
            try await Browser(provider) { $0.allowedAlgorithms = [allowed] }.login()
            #expect(provider.requests(to: .discovery).count == 1)
        }
    }

    @Test("CF-35 a provider that gives a new key the old kid is asked for its keys again")
    func reusedID() async throws {
        let provider = provider([ScriptedKey(kid: "signing")])
        let browser = try Browser(provider)
        try await browser.login()
        provider.rotateKeys(to: [ScriptedKey(kid: "signing")])
        try await browser.login()
        #expect(provider.requests(to: .keys).count == 2)
        // A signature that nobody made is looked into once in each cool-down.
        provider.misbehave(.idTokenSignature(.broken))
        for _ in 0..<5 { #expect(await browser.loginError()?.code == .idTokenSignature) }
        #expect(provider.requests(to: .keys).count == 2)
        clock.advance(by: .seconds(30))
        for _ in 0..<5 { #expect(await browser.loginError()?.code == .idTokenSignature) }
        #expect(provider.requests(to: .keys).count == 3)
    }

    @Test("CF-35 keys without kid rotate as well")
    func rotationWithoutID() async throws {
        let provider = provider([ScriptedKey("ES256", kid: nil)])
        let browser = try Browser(provider)
        try await browser.login()
        provider.rotateKeys(to: [ScriptedKey("ES256", kid: nil)])
        try await browser.login()
        #expect(provider.requests(to: .keys).count == 2)
    }

    @Test("CF-29 keys that moved to another URL while rotating are found through the metadata")
    func movedKeys() async throws {
        let provider = provider()
        let browser = try Browser(provider)
        try await browser.login()
        provider.rotateKeys()
        provider.moveKeys(to: "/keys/next")
        try await browser.login()
        #expect(provider.requests(to: .discovery).count == 2)
    }

    @Test("DJ-07 a thousand unknown kids make one request in each cool-down, and known keys keep verifying")
    func flood() async throws {
        let known = ScriptedKey(kid: "known")
        let provider = provider([known])
        let browser = try Browser(provider)
        try await browser.login()
        provider.forgetRequests()

        for window in 1...3 {
            await withTaskGroup(of: OpenIDConnectError.Code?.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        let request = try? await browser.relyingParty.authorizationRequest()
                        guard let request, let answer = try? provider.authorize(request.url) else { return nil }
                        provider.misbehave(.idTokenHeader("kid", .string(Base64URL.random())))
                        do {
                            _ = try await browser.exchange(answer.query, for: request)
                            return nil
                        } catch {
                            return (error as? OpenIDConnectError)?.code
                        }
                    }
                }
                for await code in group { #expect(code == .idTokenKeyNotFound) }
            }
            #expect(provider.requests(to: .keys).count == window)
            provider.misbehave([])
            try await browser.login()
            clock.advance(by: .seconds(29))
            provider.misbehave(.idTokenHeader("kid", "another"))
            #expect(await browser.loginError()?.code == .idTokenKeyNotFound)
            #expect(provider.requests(to: .keys).count == window)
            clock.advance(by: .seconds(1))
        }
    }

    @Test("DJ-07 while a search is under way, those who miss the same key wait for it")
    func singleFlight() async throws {
        let provider = provider()
        let browser = try Browser(provider)
        try await browser.login()
        provider.rotateKeys()
        let gate = provider.hold(.keys)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { try await browser.login() } }
            try await gate.arrived()
            gate.open()
            try await group.waitForAll()
        }
        #expect(provider.requests(to: .keys).count == 2)
    }

    @Test(
        "DJ-08 RO-07 keys that cannot be fetched at a rotation fail this login, and evict nothing",
        arguments: faultCases
    )
    func unavailable(_ fault: Fault) async throws {
        let old = ScriptedKey(kid: "old")
        let new = ScriptedKey(kid: "new")
        let provider = provider([old])
        let browser = try Browser(provider)
        try await browser.login()

        provider.misbehave(fault.misbehaviour, .idTokenKey(new))
        #expect(await browser.loginError()?.code == .providerUnavailable)
        #expect(await browser.loginError()?.code == .providerUnavailable)
        #expect(provider.requests(to: .keys).count == 2)

        // The old key still verifies, while the fault lasts and beyond the lifetime of the set.
        provider.misbehave(fault.misbehaviour)
        try await browser.login()
        clock.advance(by: .seconds(3601))
        try await browser.login()

        provider.rotateKeys(to: [new])
        provider.misbehave([])
        clock.advance(by: .seconds(30))
        try await browser.login()
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let misbehaviour: Misbehaviour
    }

    static let faultCases = [
        Fault(testDescription: "no connection", misbehaviour: .failure(.keys, .notConnected)),
        Fault(testDescription: "503", misbehaviour: .answer(.keys, .init(status: 503))),
        Fault(
            testDescription: "HTML",
            misbehaviour: .answer(
                .keys,
                .init(status: 200, headers: [("Content-Type", "text/html")], body: Array("<html>".utf8))
            )
        ),
        Fault(testDescription: "no keys", misbehaviour: .answer(.keys, .json(["keys": []]))),
        Fault(testDescription: "no usable keys", misbehaviour: .answer(.keys, .json(["keys": [["kty": "oct"]]]))),
        Fault(testDescription: "no key set", misbehaviour: .answer(.keys, .json(["error": "busy"]))),
        Fault(
            testDescription: "too many bytes",
            misbehaviour: .answer(.keys, .json(["keys": [], "x": .string(String(repeating: "x", count: 1 << 20))]))
        ),
        Fault(testDescription: "a redirect", misbehaviour: .answer(.keys, .init(status: 302))),
    ]

    @Test("DJ-09 a withdrawn key stops verifying when the set's lifetime ends, within a minute and an hour")
    func withdrawn() async throws {
        for (cacheControl, lifetime) in [
            ("max-age=10", 60), ("max-age=600", 600), ("public, max-age=31536000", 3600), ("no-store", 60),
            ("max-age=x", 900), ("", 900),
        ] {
            let clock = ManualClock()
            let old = ScriptedKey(kid: "old")
            let new = ScriptedKey(kid: "new")
            let provider = ScriptedProvider(keys: [old], clock: clock)
            let set = { (key: ScriptedKey) in
                var response = HTTPTransportResponse.json(["keys": [.object(key.publicJWK)]])
                response.headers.append(("Cache-Control", cacheControl))
                return Misbehaviour.answer(.keys, response)
            }
            let browser = try Browser(provider)
            provider.misbehave(set(old))
            try await browser.login()
            provider.misbehave(set(new))
            clock.advance(by: .seconds(lifetime - 1))
            try await browser.login()
            clock.advance(by: .seconds(1))
            #expect(await browser.loginError()?.code == .idTokenKeyNotFound)
        }
    }

    @Test("DJ-09 every line of Cache-Control counts")
    func cacheControlLines() async throws {
        let old = ScriptedKey(kid: "old")
        let provider = provider([old])
        var response = HTTPTransportResponse.json(["keys": [.object(old.publicJWK)]])
        response.headers += [("Cache-Control", "public"), ("cache-control", "max-age=60")]
        provider.misbehave(.answer(.keys, response))
        let browser = try Browser(provider)
        try await browser.login()
        clock.advance(by: .seconds(60))
        try await browser.login()
        #expect(provider.requests(to: .keys).count == 2)
    }

    @Test("DJ-09 an outage keeps the keys in use for six hours beyond their lifetime, and no longer")
    func staleUse() async throws {
        let provider = provider()
        let browser = try Browser(provider)
        try await browser.login()
        provider.misbehave(.failure(.keys, .timedOut))
        clock.advance(by: .seconds(3600 + 21_599))
        try await browser.login()
        clock.advance(by: .seconds(31))
        #expect(await browser.loginError()?.code == .providerUnavailable)
    }

    @Test("DJ-09 a step of the time of day neither empties nor freezes the cache")
    func clockStep() async throws {
        let provider = provider()
        let browser = try Browser(provider)
        try await browser.login()
        clock.step(by: -86_400)
        try await browser.login()
        #expect(provider.requests(to: .keys).count == 1)
        clock.advance(by: .seconds(3600))
        try await browser.login()
        #expect(provider.requests(to: .keys).count == 2)
    }
}
