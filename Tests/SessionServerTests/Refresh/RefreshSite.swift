import Foundation
import HTTPTypes
import HummingbirdTesting
import LoginFlow
import OpenIDConnect
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import TestSupport
import Testing

/// A site in memory whose time goes when it is told to, and somebody who has signed in there.
///
/// Access tokens live for 300 seconds, and are refreshed in the last 30.
struct RefreshSite: Sendable {
    let site: Site
    let clock: ManualClock
    let store: InMemorySessionStore
    let client: any TestClientProtocol
    let browser: Browser

    static func run(
        as user: ScriptedUser = .alice,
        _ configure: (inout Site.Options) -> Void = { _ in },
        _ body: @Sendable (RefreshSite) async throws -> Void
    ) async throws {
        let clock = ManualClock(Date())
        let store = InMemorySessionStore(clock: { clock.now() })
        try await Site.inMemory { options in
            options.clock = clock
            options.memory = store
            options.providers = [ScriptedProvider(clock: clock)]
            configure(&options)
        } _: { site, client in
            let browser = Browser(client)
            try await browser.signIn(site.provider, as: user)
            site.provider.forgetRequests()
            try await body(RefreshSite(site: site, clock: clock, store: store, client: client, browser: browser))
        }
    }

    var provider: ScriptedProvider { site.provider }

    /// How many refresh tokens have reached the provider.
    var exchanges: Int { provider.requests(to: .token).count }

    func id() throws -> SessionID {
        try #require(browser.cookies[Site.sessionCookie].flatMap { SessionID($0) })
    }

    func session() async throws -> Session? {
        try await site.manager.getSession(try id(), touch: false)
    }

    /// What `POST /session/refresh` answers.
    func refresh() async throws -> TestResponse {
        try await browser.post("/session/refresh", Site.sameOrigin.merging([.accept: "application/json"]))
    }

    /// Lets the access token come near its end, where it is still good.
    func nearEnd() { clock.advance(by: .seconds(280)) }

    /// Lets the access token end.
    func passEnd() { clock.advance(by: .seconds(301)) }
}

extension HTTPFields {
    func merging(_ other: HTTPFields) -> HTTPFields {
        var result = self
        for field in other { result[field.name] = field.value }
        return result
    }
}
