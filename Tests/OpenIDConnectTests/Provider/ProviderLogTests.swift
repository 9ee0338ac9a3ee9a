import Logging
import OpenIDConnect
import ScriptedProvider
import Secrets
import Synchronization
import Testing

@Suite("Logs of the relying party")
struct ProviderLogTests {
    /// Keeps every line with its metadata.
    private struct Recorder: LogHandler {
        final class Lines: Sendable {
            let all = Mutex<[String]>([])
        }

        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        init(_ lines: Lines) {
            self.lines = lines
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.all.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
        }
    }

    @Test("RO-02 an outage is one warning for each attempt, with the reason and nothing secret")
    func outage() async throws {
        let clock = ManualClock()
        let provider = ScriptedProvider(clock: clock)
        let lines = Recorder.Lines()
        let relyingParty = try provider.relyingParty(logger: Logger(label: "t", factory: { _ in Recorder(lines) }))
        let browser = Browser(provider: provider, relyingParty: relyingParty)
        let (tokens, _) = try await browser.login()
        #expect(lines.all.withLock { $0 }.isEmpty)

        clock.advance(by: .seconds(3600))
        provider.misbehave(.failure(.discovery, .timedOut), .answer(.keys, .init(status: 503)))
        for _ in 0..<5 { try await browser.login() }
        let logged = lines.all.withLock { $0 }
        #expect(logged.count == 2)
        #expect(logged.contains { $0.hasPrefix("warning") && $0.contains("discovery: timed_out") })
        #expect(logged.contains { $0.hasPrefix("warning") && $0.contains("jwks: status 503") })
        let secrets = [tokens.accessToken, tokens.idToken].map { $0.reveal() } + [provider.client.secret]
        for secret in secrets { #expect(!logged.contains { $0.contains(secret) }) }
    }
}
