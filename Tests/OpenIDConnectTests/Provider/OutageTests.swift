import OpenIDConnect
import ScriptedProvider
import Testing

@Suite("A provider out of order")
struct OutageTests {
    let clock = ManualClock()

    @Test(
        "RO-01 RO-04 a code exchange that fails on the way is not sent again",
        arguments: [.timedOut, .connectionLost, .notConnected, .responseTooLarge] as [HTTPTransportError.Code]
    )
    func exchangeOnce(_ failure: HTTPTransportError.Code) async throws {
        let provider = ScriptedProvider(clock: clock)
        provider.misbehave(.failure(.token, failure))
        let error = await (try Browser(provider)).loginError()
        #expect(error?.code == .providerUnavailable)
        #expect(error?.description.contains(failure.name) == true)
        #expect(provider.requests(to: .token).count == 1)
    }

    @Test("RO-02 RO-08 a provider that was never reached is asked at most once a second, and found when it is back")
    func neverReached() async throws {
        let provider = ScriptedProvider(clock: clock)
        provider.misbehave(.failure(.discovery, .notConnected))
        let browser = try Browser(provider)
        for second in 1...3 {
            for _ in 0..<10 { #expect(await browser.loginError()?.code == .providerUnavailable) }
            #expect(provider.requests(to: .discovery).count == second)
            clock.advance(by: .seconds(1))
        }
        provider.misbehave([])
        try await browser.login()
    }

    @Test("RO-02 RO-13 callers who come while the provider hangs wait for one request")
    func oneProbe() async throws {
        let provider = ScriptedProvider(clock: clock)
        provider.misbehave(.failure(.discovery, .timedOut))
        let relyingParty = try provider.relyingParty()
        let gate = provider.hold(.discovery)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    do {
                        _ = try await relyingParty.metadata()
                        return false
                    } catch {
                        return (error as? OpenIDConnectError)?.isTransient == true
                    }
                }
            }
            try await gate.arrived()
            gate.open()
            for try await isTransient in group { #expect(isTransient) }
        }
        #expect(provider.requests(to: .discovery).count == 1)
    }

    @Test("RO-05 RO-02 known metadata stays in use for a day while discovery is down, asked every thirty seconds")
    func staleMetadata() async throws {
        let provider = ScriptedProvider(clock: clock)
        let browser = try Browser(provider)
        try await browser.login()
        provider.misbehave(.failure(.discovery, .notConnected))
        clock.advance(by: .seconds(3600))
        for _ in 0..<10 { _ = try await browser.relyingParty.metadata() }
        #expect(provider.requests(to: .discovery).count == 2)
        clock.advance(by: .seconds(30))
        for _ in 0..<10 { _ = try await browser.relyingParty.metadata() }
        #expect(provider.requests(to: .discovery).count == 3)
        clock.advance(by: .seconds(86_400))
        #expect(await browser.loginError()?.code == .providerUnavailable)
    }

    @Test(
        "DJ-08 RO-13 while one login waits for a provider that hangs, the others go on with what is known",
        arguments: [.discovery, .keys] as [RecordedRequest.Endpoint]
    )
    func hangingProvider(_ endpoint: RecordedRequest.Endpoint) async throws {
        let provider = ScriptedProvider(clock: clock)
        let browser = try Browser(provider)
        try await browser.login()
        clock.advance(by: .seconds(3601))
        let gate = provider.hold(endpoint)
        let probe = Task { try await browser.login() }
        try await gate.arrived()
        // One who waited with the probe would wait until the deadline opens the gate.
        let isOpened = await openedByDeadline(gate) {
            for _ in 0..<3 { try await browser.login() }
        }
        #expect(!isOpened)
        gate.open()
        _ = try await probe.value
        #expect(provider.requests(to: endpoint).count == 2)
    }

    /// Whether `operation` was still waiting when a minute had passed.
    private func openedByDeadline(
        _ gate: Gate,
        operation: @escaping @Sendable () async throws -> Void
    ) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do { try await operation() } catch { Issue.record(error) }
                return false
            }
            group.addTask {
                guard (try? await Task.sleep(for: .seconds(60))) != nil else { return false }
                gate.open()
                return true
            }
            let isOpened = await group.next() ?? false
            group.cancelAll()
            return isOpened
        }
    }

    @Test("RO-02 a caller who gives up returns at once, while the provider still hangs")
    func cancelledCallerReturns() async throws {
        let provider = ScriptedProvider(clock: clock)
        let relyingParty = try provider.relyingParty()
        let gate = provider.hold(.discovery)
        let first = Task { try await relyingParty.metadata() }
        try await gate.arrived()
        first.cancel()
        let isOpened = await openedByDeadline(gate) {
            await #expect(throws: CancellationError.self) { try await first.value }
        }
        #expect(!isOpened)
        gate.open()
        #expect(try await relyingParty.metadata().issuer == provider.issuer)
        #expect(provider.requests(to: .discovery).count == 1)
    }

    @Test("RO-02 a caller who gives up does not take the others' answer away")
    func cancelledCaller() async throws {
        let provider = ScriptedProvider(clock: clock)
        let relyingParty = try provider.relyingParty()
        let gate = provider.hold(.discovery)
        let first = Task { try await relyingParty.metadata() }
        try await gate.arrived()
        let second = Task { try await relyingParty.metadata() }
        first.cancel()
        gate.open()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(try await second.value.issuer == provider.issuer)
        #expect(provider.requests(to: .discovery).count == 1)
    }

    @Test("A cancelled exchange ends as cancelled, not as an outage")
    func cancelledExchange() async throws {
        let provider = ScriptedProvider(clock: clock)
        let browser = try Browser(provider)
        let gate = provider.hold(.token)
        let login = Task { try await browser.login() }
        try await gate.arrived()
        login.cancel()
        gate.open()
        await #expect(throws: CancellationError.self) { try await login.value }
    }

    @Test("RO-09 a provider ten minutes ahead or behind is refused, a minute is forgiven")
    func providerClock() async throws {
        for (seconds, code) in [(600, .idTokenTime), (-600, .idTokenTime), (59, nil), (-59, nil)]
            as [(Int64, OpenIDConnectError.Code?)]
        {
            let theirs = ManualClock()
            let provider = ScriptedProvider(clock: theirs)
            theirs.step(by: Double(seconds))
            let browser = Browser(
                provider: provider,
                relyingParty: RelyingParty(
                    configuration: try provider.configuration(),
                    transport: provider,
                    clock: ManualClock(),
                    logger: .silent
                )
            )
            #expect(await browser.loginError()?.code == code)
        }
    }
}

extension Browser {
    init(provider: ScriptedProvider, relyingParty: RelyingParty) {
        self.provider = provider
        self.relyingParty = relyingParty
    }
}
