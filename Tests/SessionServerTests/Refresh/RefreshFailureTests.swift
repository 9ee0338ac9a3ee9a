import HTTPTypes
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import ScriptedProvider
import Secrets
import ServiceLifecycle
import Sessions
import TestSupport
import Testing

/// What becomes of a session when the provider is in trouble, or says no.
@Suite("Refreshes that fail")
struct RefreshFailureTests {
    static let troubles: [(name: String, misbehaviour: Misbehaviour)] = [
        ("500", .answer(.token, .json(["error": "server_error"], status: 500))),
        ("502 of a proxy", .answer(.token, HTTPTransportResponse(status: 502))),
        ("503", .answer(.token, HTTPTransportResponse(status: 503))),
        ("429", .answer(.token, HTTPTransportResponse(status: 429))),
        ("no connection", .failure(.token, .notConnected)),
        ("a page instead of an answer", .answer(.token, HTTPTransportResponse(status: 200))),
        ("our secret is wrong", .answer(.token, .json(["error": "invalid_client"], status: 401))),
        ("another refusal", .answer(.token, .json(["error": "invalid_scope"], status: 400))),
    ]

    @Test("RF-06 RO-02 trouble at the provider never ends a session, and is not met by a storm", arguments: 0..<8)
    func trouble(index: Int) async throws {
        // The token isn't spent by what goes wrong.
        let trouble = Self.troubles[index].misbehaviour
        try await RefreshSite.run { site async throws in
            site.provider.misbehave(trouble, .withoutRotation)
            site.nearEnd()
            // The old token is still good.
            for _ in 0..<10 { #expect(try await site.refresh().status == .ok) }
            #expect(site.exchanges == 1)
            site.clock.advance(by: .seconds(21))
            for _ in 0..<10 {
                let answer = try await site.refresh()
                #expect(answer.status == .serviceUnavailable)
                #expect(answer.json["error"] == "refresh_unavailable")
                #expect(Int(answer.headers[.retryAfter] ?? "") ?? 0 > 0)
            }
            #expect(site.exchanges == 2)
            // Who needs no token isn't bothered.
            #expect(try await site.browser.whoAmI() == "alice-1")
            site.provider.misbehave()
            site.clock.advance(by: .seconds(300))
            #expect(try await site.refresh().status == .ok)
            #expect(site.exchanges == 3)
            #expect(try await site.session()?.subject == "alice-1")
        }
    }

    @Test("RO-03 Retry-After is kept to", arguments: [503, 429])
    func retryAfter(status: Int) async throws {
        try await RefreshSite.run { site async throws in
            site.provider.misbehave(
                .answer(.token, HTTPTransportResponse(status: status, headers: [("Retry-After", "120")])),
                .withoutRotation
            )
            site.passEnd()
            let answer = try await site.refresh()
            #expect(answer.status == .serviceUnavailable)
            #expect(answer.headers[.retryAfter] == "120")
            site.clock.advance(by: .seconds(119))
            #expect(try await site.refresh().headers[.retryAfter] == "1")
            #expect(site.exchanges == 1)
            site.provider.misbehave()
            site.clock.advance(by: .seconds(2))
            #expect(try await site.refresh().status == .ok)
            #expect(site.exchanges == 2)
        }
    }

    @Test(
        "RO-10 when the answer was lost the token may be spent: it is sent again when the access token has ended",
        arguments: [HTTPTransportError.Code.timedOut, .connectionLost]
    )
    func lostAnswer(code: HTTPTransportError.Code) async throws {
        try await RefreshSite.run { site async throws in
            site.provider.misbehave(.failure(.token, code))
            site.clock.advance(by: .seconds(272))
            #expect(try await site.refresh().status == .ok)
            site.clock.advance(by: .seconds(20))
            #expect(try await site.refresh().status == .ok)
            #expect(site.exchanges == 1)
            site.provider.misbehave()
            site.clock.advance(by: .seconds(20))
            // It was: that is the end, and not a storm.
            for _ in 0..<3 { #expect(try await site.refresh().status == .unauthorized) }
            #expect(site.exchanges == 2)
        }
    }

    @Test(
        "RF-06 RO-10 an answer that tells nothing doesn't send the token again while the access token is good",
        arguments: [
            .answer(.token, HTTPTransportResponse(status: 500)), .answer(.token, HTTPTransportResponse(status: 502)),
            .answer(.token, HTTPTransportResponse(status: 504)), .answer(.token, HTTPTransportResponse(status: 200)),
            .tokenMember("expires_in", "soon"), comeBack(500), comeBack(502), comeBack(504),
            .answer(.token, HTTPTransportResponse(status: 503)), .answer(.token, HTTPTransportResponse(status: 408)),
            .answer(.token, .json(["error": "server_error"], status: 400)),
        ] as [Misbehaviour]
    )
    func unclearAnswer(misbehaviour: Misbehaviour) async throws {
        try await RefreshSite.run { site async throws in
            site.provider.misbehave(misbehaviour)
            site.clock.advance(by: .seconds(272))
            #expect(try await site.refresh().status == .ok)
            site.provider.misbehave()
            site.clock.advance(by: .seconds(20))
            #expect(try await site.refresh().status == .ok)
            #expect(site.exchanges == 1)
        }
    }

    @Test(
        "RO-03 RF-06 a provider that says to come back later has not used the token: it is sent again then",
        arguments: [
            comeBack(429), comeBack(503), .answer(.token, .json(["error": "temporarily_unavailable"], status: 400)),
        ] as [Misbehaviour]
    )
    func comeBackLater(misbehaviour: Misbehaviour) async throws {
        try await RefreshSite.run { site async throws in
            site.provider.misbehave(misbehaviour, .withoutRotation)
            let before = try #require(try await site.session())
            site.clock.advance(by: .seconds(272))
            #expect(try await site.refresh().status == .ok)
            site.provider.misbehave()
            site.clock.advance(by: .seconds(20))
            #expect(try await site.refresh().status == .ok)
            #expect(site.exchanges == 2)
            #expect(try await site.session()?.accessToken?.reveal() != before.accessToken?.reveal())
        }
    }

    @Test("DP-06 RC-04 of an answer of another type only the refresh token is kept", arguments: [true, false])
    func otherType(rotates: Bool) async throws {
        try await RefreshSite.run { site async throws in
            let type = Misbehaviour.tokenMember("token_type", "DPoP")
            site.provider.misbehave(rotates ? [type] : [type, .withoutRotation])
            let before = try #require(try await site.session())
            site.clock.advance(by: .seconds(272))
            #expect(try await site.refresh().status == .ok)
            let after = try #require(try await site.session())
            #expect(after.accessToken?.reveal() == before.accessToken?.reveal())
            #expect((after.refreshToken?.reveal() != before.refreshToken?.reveal()) == rotates)
            site.provider.misbehave()
            site.clock.advance(by: .seconds(20))
            #expect(try await site.refresh().status == .ok)
            #expect(site.exchanges == 2)
            #expect(try await site.session()?.accessToken?.reveal() != before.accessToken?.reveal())
        }
    }

    @Test("DP-06 a key for proofs that the provider doesn't take sends no refresh token, and ends no session")
    func proofsNotTaken() async throws {
        let key = try ClientSigningKey(Secret(ScriptedKey().privatePEM))
        try await RefreshSite.run {
            $0.configure = { $0.dpopKey = key }
            $0.policy.idleLifetime = .seconds(86_400)
        } _: { site async throws in
            site.provider.misbehave(.metadata("dpop_signing_alg_values_supported", nil))
            // Beyond what the metadata are kept for.
            site.clock.advance(by: .seconds(3700))
            for _ in 0..<3 { #expect(try await site.refresh().status == .serviceUnavailable) }
            #expect(site.exchanges == 0)
            site.provider.misbehave()
            site.clock.advance(by: .seconds(3700))
            #expect(try await site.refresh().status == .ok)
            #expect(site.exchanges == 1)
        }
    }

    @Test("RF-02 ID-18 another acr in a refresh ends no session")
    func otherContext() async throws {
        try await RefreshSite.run {
            let provider = ScriptedProvider(clock: $0.clock)
            provider.misbehave(.idTokenClaim("acr", "urn:strong"))
            $0.providers = [provider]
            $0.configure = { $0.requiredAuthenticationContexts = ["urn:strong"] }
        } _: { site async throws in
            site.provider.misbehave(.idTokenClaim("acr", "0"))
            site.passEnd()
            #expect(try await site.refresh().status == .ok)
            #expect(try await site.session()?.subject == "alice-1")
            #expect(site.exchanges == 1)
        }
    }

    @Test("RC-15 while the client secret is wrong nobody is signed out; with the new one the same sessions go on")
    func clientSecret() async throws {
        try await RefreshSite.run { site async throws in
            let running = site.site.flow.providers.all[0].configuration
            func use(_ secret: String) throws {
                let configuration = try ProviderConfiguration(
                    name: running.name,
                    issuer: running.issuer,
                    clientID: running.clientID,
                    clientSecret: Secret(secret),
                    redirectURI: running.redirectURI,
                    options: running.options
                )
                let directory = ProviderDirectory(transport: site.provider, clock: site.clock)
                let logger = TestDatabase.silentLogger
                let party = RelyingParty(configuration: configuration, directory: directory, logger: logger)
                #expect(site.site.flow.providers.replace(party))
            }
            let before = try #require(try await site.session())
            try use("no longer the secret")
            site.passEnd()
            #expect(try await site.refresh().status == .serviceUnavailable)
            #expect(try await site.browser.whoAmI() == "alice-1")
            #expect(try await site.session()?.refreshToken?.reveal() == before.refreshToken?.reveal())
            let other = Browser(site.client)
            let answer = try await other.visitProvider(site.provider)
            #expect(try await other.get("/callback?" + answer.query).status == .internalServerError)

            try use(site.provider.client.secret)
            site.clock.advance(by: .seconds(10))
            #expect(try await site.refresh().status == .ok)
            let after = try #require(try await site.session())
            #expect(after.id == before.id && after.accessToken?.reveal() != before.accessToken?.reveal())
            try await other.signIn(site.provider)
        }
    }

    private static func comeBack(_ status: Int) -> Misbehaviour {
        .answer(.token, HTTPTransportResponse(status: status, headers: [("Retry-After", "1")]))
    }

    @Test("Each failure in a row makes the next pause longer, up to five minutes")
    func backoff() async throws {
        try await RefreshSite.run {
            $0.pacing.jitter = { 1 }
        } _: { site async throws in
            site.provider.misbehave(.failure(.token, .notConnected), .withoutRotation)
            site.passEnd()
            for pause in [2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
                let answer = try await site.refresh()
                #expect(answer.headers[.retryAfter] == "\(pause)")
                site.clock.advance(by: .seconds(pause))
            }
            #expect(site.exchanges == 10)
        }
    }

    @Test("RF-05 invalid_grant ends the session at once, after one attempt")
    func refused() async throws {
        try await RefreshSite.run { site async throws in
            site.provider.misbehave(.answer(.token, .json(["error": "invalid_grant"], status: 400)))
            site.nearEnd()
            let statuses = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                for _ in 0..<20 { group.addTask { try await site.refresh().status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.allSatisfy { $0 == .unauthorized })
            #expect(site.exchanges == 1)
            #expect(try await site.browser.whoAmI() == nil)
            #expect(site.store.auditTrail.last?.details["reason"] == "refresh_failed")
        }
    }

    @Test("RO-08 with discovery out of reach nothing is sent, and nothing ends")
    func discoveryDown() async throws {
        try await RefreshSite.run { site async throws in
            site.provider.misbehave(.answer(.discovery, HTTPTransportResponse(status: 503)))
            // Beyond what the metadata are kept for.
            site.clock.advance(by: .seconds(3000))
            let answer = try await site.refresh()
            #expect([.ok, .serviceUnavailable].contains(answer.status))
            #expect(try await site.session()?.subject == "alice-1")
        }
    }

    @Test("RC-06 who waits for another's refresh gets the old token while it is good, and 503 after that")
    func boundedWait() async throws {
        try await RefreshSite.run {
            $0.pacing.waitLimit = .milliseconds(50)
        } _: { site async throws in
            site.nearEnd()
            let id = try site.id()
            // Another replica is at it, and is slow.
            let request = RefreshLeaseRequest(.expiring(within: .seconds(30)), duration: .seconds(60))
            guard case .granted = try await site.site.manager.acquireRefreshLease(id, request) else {
                Issue.record("no lease")
                return
            }
            #expect(try await site.refresh().status == .ok)
            site.clock.advance(by: .seconds(21))
            #expect(try await site.refresh().status == .serviceUnavailable)
            #expect(site.exchanges == 0)
        }
    }

    @Test("RC-06 a slow provider is waited for within bounds, and its answer isn't lost")
    func slowProvider() async throws {
        try await RefreshSite.run {
            $0.pacing.waitLimit = .milliseconds(50)
        } _: { site async throws in
            site.passEnd()
            let gate = site.provider.hold(.token)
            #expect(try await site.refresh().status == .serviceUnavailable)
            gate.open()
            let group = ServiceGroup(services: [site.site.flow.refresher], logger: TestDatabase.silentLogger)
            async let ended: Void = group.run()
            await group.triggerGracefulShutdown()
            try await ended
            #expect(try await site.refresh().status == .ok)
            #expect(site.exchanges == 1)
        }
    }

    @Test("The exchange goes on when the request that caused it goes away; shutdown waits for it")
    func abandonedRequest() async throws {
        let (gate, isSlow) = (Gate(), Switch())
        try await RefreshSite.run { options in
            options.pacing.shutdownLimit = .seconds(60)
            options.transport = {
                SlowTransport(base: $0, gate: gate, isSlow: isSlow, delay: .milliseconds(1500))
            }
        } _: { site async throws in
            let before = try #require(try await site.session())
            site.passEnd()
            isSlow.isOn = true
            let id = try site.id()
            let request = Task { try await site.site.flow.freshSession(id) }
            try await gate.arrived()
            request.cancel()
            _ = await request.result
            let group = ServiceGroup(services: [site.site.flow.refresher], logger: TestDatabase.silentLogger)
            async let ended: Void = group.run()
            await group.triggerGracefulShutdown()
            try await ended
            #expect(try await site.session()?.accessToken?.reveal() != before.accessToken?.reveal())
            #expect(site.exchanges == 1)
        }
    }

    @Test("Shutdown doesn't wait for ever: what takes too long is as if the process had died")
    func shutdownLimit() async throws {
        let (gate, isSlow) = (Gate(), Switch())
        try await RefreshSite.run { options in
            options.pacing.shutdownLimit = .milliseconds(50)
            options.transport = { SlowTransport(base: $0, gate: gate, isSlow: isSlow) }
        } _: { site async throws in
            site.passEnd()
            isSlow.isOn = true
            let id = try site.id()
            let request = Task { try await site.site.flow.freshSession(id) }
            try await gate.arrived()
            let group = ServiceGroup(services: [site.site.flow.refresher], logger: TestDatabase.silentLogger)
            async let ended: Void = group.run()
            await group.triggerGracefulShutdown()
            try await ended
            await #expect(throws: LoginError.self) { try await request.value }
            #expect(try await site.session()?.subject == "alice-1")
        }
    }
}

/// A transport on which token requests take a while, once it is told so.
private struct SlowTransport: HTTPTransport {
    let base: any HTTPTransport
    let gate: Gate
    let isSlow: Switch
    var delay = Duration.seconds(3600)

    func send(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse {
        guard request.method == .post, isSlow.isOn else { return try await base.send(request) }
        gate.open()
        await gate.pass()
        try await Task.sleep(for: delay)
        return try await base.send(request)
    }
}
