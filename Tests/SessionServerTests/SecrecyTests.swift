import HTTPTypes
import HummingbirdTesting
import Logging
import LoginFlow
import OpenIDConnect
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import Synchronization
import Testing

@Suite("Secrecy")
struct SecrecyTests {
    /// Keeps every line with all of its metadata.
    final class Lines: LogHandler, Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }
        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }
        var logLevel: Logger.Level {
            get { .trace }
            set {}
        }

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { nil }
            set {}
        }

        func log(event: LogEvent) {
            let details = (event.metadata ?? [:]).map { "\($0)=\($1)" }.joined(separator: " ")
            lines.withLock { $0.append("\(event.message) \(details)") }
        }
    }

    @Test("AD-12 PS-18 neither a login nor a failure of one leaves a secret in the logs, whatever the level")
    func logs() async throws {
        let lines = Lines()
        try await Site.inMemory { options in
            options.logger = Logger(label: "test") { _ in lines }
        } _: { site, client in
            let browser = Browser(client)
            let answer = try await browser.visitProvider(site.provider)
            var found = try [#require(answer["code"]), #require(answer["state"])] + browser.cookies.values
            _ = try await browser.get("/callback?" + answer.query)
            let id = try #require(browser.cookies[Site.sessionCookie])
            let session = try #require(try await site.manager.getSession(try Self.sessionID(id)))
            found += [session.accessToken, session.refreshToken, session.idToken].compactMap { $0?.reveal() } + [id]
            _ = try await browser.get("/callback?" + answer.query)
            _ = try await Browser(client).get("/callback?" + answer.query)
            site.provider.misbehave(.idTokenSignature(.broken))
            let second = try await browser.visitProvider(site.provider)
            found += try [#require(second["code"]), #require(second["state"])]
            _ = try await browser.get("/callback?" + second.query)
            _ = try await browser.get("/session")
            _ = try await browser.post("/logout")
            #expect(found.count == 9)
            for secret in found {
                for line in lines.all { #expect(!line.contains(secret)) }
            }
            // Otherwise the comparison says nothing.
            #expect(lines.all.contains { $0.contains("path=/callback") })
            #expect(lines.all.contains { $0.contains("Signed in") })
            #expect(lines.all.contains { $0.contains("provider_answer_rejected") })
        }
    }

    @Test("AD-12 the steps of a login print neither state, nonce, ID token nor a query")
    func steps() async throws {
        try await Site.inMemory { site, client in
            let query = "token=in-a-query"
            let returnTo = try #require(ReturnTo("/page?" + query))
            let started = try await site.flow.begin(NewLogin(returnTo: returnTo))
            let browser = Browser(client)
            try await browser.signIn(site.provider)
            let id = try Self.sessionID(try #require(browser.cookies[Site.sessionCookie]))
            let session = try #require(try await site.manager.getSession(id))
            let ended = try await site.flow.end(id)
            let url = try #require(ended.providerLogoutURL)
            let secrets = [
                try #require(session.idToken).reveal(), started.login.state.reveal(), started.login.nonce.reveal(),
                query,
            ]
            #expect(url.contains(secrets[0]) && started.redirectURL.contains(secrets[1]))
            var dumped = ""
            dump(started, to: &dumped)
            dump(ended, to: &dumped)
            dump(returnTo, to: &dumped)
            for text in [
                "\(started)", "\(ended)", "\(returnTo)", String(reflecting: started), String(reflecting: ended),
                String(reflecting: returnTo), String(reflecting: NewLogin(returnTo: returnTo)), dumped,
            ] {
                for secret in secrets { #expect(!text.contains(secret)) }
            }
        }
    }

    private static func sessionID(_ text: String) throws -> SessionID {
        try #require(SessionID(text))
    }
}
