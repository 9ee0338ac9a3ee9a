import OpenIDConnect
import ScriptedProvider
import Synchronization
import Testing

@Suite("Keys that rotate at any instant of a login")
struct RotationInstantTests {
    /// Rotates the provider's keys just before or just after one of the requests that reach it.
    private final class RotatingTransport: HTTPTransport {
        let provider: ScriptedProvider
        let instant: Instant
        /// How many requests came since the beginning; nil before that.
        private let count = Mutex<Int?>(nil)

        init(_ provider: ScriptedProvider, _ instant: Instant) {
            self.provider = provider
            self.instant = instant
        }

        /// Counts from now on.
        func begin() { count.withLock { $0 = 0 } }

        func send(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse {
            let number = count.withLock { count in
                count = count.map { $0 + 1 }
                return count
            }
            if number == instant.request, instant.isBefore { rotate() }
            let response = try await provider.send(request)
            if number == instant.request, !instant.isBefore { rotate() }
            return response
        }

        private func rotate() {
            let old = provider.keys[0]
            let new = ScriptedKey(kid: "next")
            provider.rotateKeys(to: instant.keepsOld ? [new, old] : [new])
        }
    }

    struct Instant: Sendable, CustomTestStringConvertible {
        let request: Int
        let isBefore: Bool
        /// Whether the old key stays published, as a provider of good manners does it.
        let keepsOld: Bool
        /// Whether metadata and keys are known already.
        let isWarm: Bool

        var testDescription: String {
            "\(isBefore ? "before" : "after") request \(request)\(keepsOld ? ", overlapping" : "")\(isWarm ? ", warm" : "")"
        }

        static let all: [Instant] = [false, true].flatMap { isWarm in
            [false, true].flatMap { keepsOld in
                (1...4).flatMap { request in
                    [false, true].map {
                        Instant(request: request, isBefore: $0, keepsOld: keepsOld, isWarm: isWarm)
                    }
                }
            }
        }
    }

    @Test("DJ-08 CF-35 a rotation at any instant fails one login at most, and none when the old key stays for a while")
    func instants() async throws {
        for instant in Instant.all {
            let clock = ManualClock()
            let provider = ScriptedProvider(keys: [ScriptedKey(kid: "first")], clock: clock)
            let transport = RotatingTransport(provider, instant)
            let relyingParty = RelyingParty(
                configuration: try provider.configuration(),
                transport: transport,
                clock: clock,
                logger: .silent
            )
            let browser = Browser(provider: provider, relyingParty: relyingParty)
            if instant.isWarm { try await browser.login() }
            transport.begin()
            let error = await browser.loginError()
            if instant.keepsOld {
                #expect(error == nil, "\(instant): \(String(describing: error))")
            } else if let error {
                // Signed with a key that was withdrawn before anybody could ask for it.
                #expect(error.code == .idTokenKeyNotFound, "\(instant)")
            }
            clock.advance(by: .seconds(30))
            try await browser.login()
            try await browser.login(as: .mallory)
        }
    }
}
