import Foundation
import HTTPTypes
import HummingbirdTesting
import OpenIDConnect
import Patience
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import Synchronization
import TestSupport
import Testing

@testable import LoginFlow

/// Tenants of one process whose users sign in at the same provider.
@Suite("Several tenants at one provider")
struct SharedProviderTests {
    /// As many connections as the transport opens to one host; refreshes and revocations are held on theirs.
    private final class CrowdedTransport: HTTPTransport {
        enum Kind { case refresh, revocation, other }

        struct Load {
            var current: [Kind: Int] = [:]
            var peak: [Kind: Int] = [:]
            var total: [Kind: Int] = [:]
        }

        static let connections = 32
        let provider: ScriptedProvider
        private let isOpen = Atomic(false)
        private let load = Mutex(Load())

        init(_ provider: ScriptedProvider) {
            self.provider = provider
        }

        func count(_ path: KeyPath<Load, [Kind: Int]>, _ kind: Kind) -> Int {
            load.withLock { $0[keyPath: path][kind, default: 0] }
        }

        func send(_ request: HTTPTransportRequest) async throws -> HTTPTransportResponse {
            let isRefresh = String(decoding: request.body, as: UTF8.self).contains("grant_type=refresh_token")
            let kind: Kind = isRefresh ? .refresh : request.url.hasSuffix("/revoke") ? .revocation : .other
            let isConnected = load.withLock { load in
                guard load.current.values.reduce(0, +) < Self.connections else { return false }
                load.current[kind, default: 0] += 1
                load.total[kind, default: 0] += 1
                load.peak[kind] = max(load.peak[kind, default: 0], load.current[kind, default: 0])
                return true
            }
            guard isConnected else { throw HTTPTransportError(.notConnected) }
            defer { load.withLock { $0.current[kind, default: 0] -= 1 } }
            if kind != .other { try await hold() }
            return try await provider.send(request)
        }

        /// Lets everybody go on who is held.
        func open() { isOpen.store(true, ordering: .releasing) }

        /// As long as the test wants, unless nobody waits any more, and not for ever.
        private func hold() async throws {
            try await eventually("the door is open", within: .seconds(240)) { isOpen.load(ordering: .acquiring) }
        }
    }

    /// The sites of so many tenants in one process.
    private static func sites(_ count: Int, _ configure: (inout Site.Options) -> Void) throws -> [Site] {
        var options = Site.Options()
        configure(&options)
        return try (1...count).map { number in
            var own = options
            own.policy.tenantID = "tenant-\(number)"
            return try Site(store: own.memory, own)
        }
    }

    private static func post(_ token: String, _ client: any TestClientProtocol) async throws -> TestResponse {
        try await Operator(client: client).send(
            .post,
            "/backchannel-logout",
            [.contentType: "application/x-www-form-urlencoded"],
            body: "logout_token=" + token,
            type: nil
        )
    }

    /// Lends a client of each site.
    private static func withClients(
        _ sites: [Site],
        _ clients: [any TestClientProtocol] = [],
        _ body: @escaping @Sendable ([any TestClientProtocol]) async throws -> Void
    ) async throws {
        guard clients.count < sites.count else { return try await body(clients) }
        try await sites[clients.count].application.application.test(.router) { client in
            try await withClients(sites, clients + [client], body)
        }
    }

    @Test("DJ-07 BC-17 RV-03 their clients fetch its documents together, and look together for unknown keys")
    func documents() async throws {
        let clock = ManualClock(Date())
        let provider = ScriptedProvider(clock: clock)
        let sites = try Self.sites(5) {
            $0.clock = clock
            $0.providers = [provider]
            $0.directory = ProviderDirectory(transport: provider, clock: clock)
        }
        try await Self.withClients(sites) { clients in
            for client in clients {
                let browser = Browser(client)
                try await browser.signIn(provider)
                #expect(try await browser.whoAmI() == "alice-1")
            }
            #expect(provider.requests(to: .discovery).count == 1 && provider.requests(to: .keys).count == 1)
            func flood() async throws {
                for client in clients {
                    for _ in 0..<5 {
                        let token = try provider.logoutToken(key: ScriptedKey())
                        #expect(try await Self.post(token, client).status == .badRequest)
                    }
                }
            }
            try await flood()
            #expect(provider.requests(to: .keys).count == 2, "one search in a cool-down")
            clock.advance(by: .seconds(31))
            try await flood()
            #expect(provider.requests(to: .keys).count == 3)
        }
    }

    @Test("CF-34 a provider whose keys changed is asked once for all tenants, and each signs in with the new ones")
    func rotation() async throws {
        let clock = ManualClock(Date())
        let provider = ScriptedProvider(clock: clock)
        let sites = try Self.sites(3) {
            $0.clock = clock
            $0.providers = [provider]
            $0.directory = ProviderDirectory(transport: provider, clock: clock)
        }
        try await Self.withClients(sites) { clients in
            for client in clients { try await Browser(client).signIn(provider) }
            provider.rotateKeys()
            for client in clients { try await Browser(client).signIn(provider) }
            #expect(provider.requests(to: .keys).count == 2)
        }
    }

    @Test("RO-02 what nobody waits for leaves connections to logins at a provider that hangs, of all tenants together")
    func bounds() async throws {
        let clock = ManualClock(Date())
        let provider = ScriptedProvider(clock: clock)
        let transport = CrowdedTransport(provider)
        var pacing = RevocationPacing()
        // Nothing is given up before the end of the test.
        pacing.limit = .seconds(3600)
        let work = ProviderWork(
            logger: TestDatabase.silentLogger,
            pacing: pacing,
            clock: MonotonicClock(ContinuousClock())
        )
        let sites = try Self.sites(5) {
            $0.clock = clock
            $0.memory = InMemorySessionStore(clock: { clock.now() })
            $0.providers = [provider]
            $0.directory = ProviderDirectory(transport: transport, clock: clock)
            $0.work = work
        }
        try await Self.withClients(sites) { clients in
            var leaving: [Browser] = []
            var staying: [Browser] = []
            for client in clients {
                for number in 0..<20 {
                    let browser = Browser(client)
                    try await browser.signIn(provider, as: ScriptedUser(subject: "user-\(number)"))
                    if number < 10 { leaving.append(browser) } else { staying.append(browser) }
                }
            }
            clock.advance(by: .seconds(280))
            for browser in leaving { #expect(try await browser.post("/logout").status == .seeOther) }
            for browser in staying { #expect(try await browser.whoAmI() != nil) }
            try await eventually("both have begun", within: .seconds(120)) {
                transport.count(\.current, .refresh) >= 8 && transport.count(\.current, .revocation) >= 8
            }
            // Each of them has the connections that it may have by now, and 16 are left.
            try await Browser(clients[0]).signIn(provider)
            transport.open()
            await work.revoker.finish()
            #expect(transport.count(\.peak, .revocation) == 8 && transport.count(\.total, .revocation) == 50)
            #expect(transport.count(\.peak, .refresh) == 8 && transport.count(\.total, .refresh) == 8)
        }
    }

    @Test("RO-02 a refresh that has ended makes room for another at the same host")
    func room() throws {
        let work = ProviderWork(logger: TestDatabase.silentLogger)
        let provider = try ScriptedProvider().relyingParty()
        for _ in 0..<3 {
            #expect(work.beginRefresh(at: provider, atMost: 1))
            #expect(!work.beginRefresh(at: provider, atMost: 1))
            work.endRefresh(at: provider)
        }
    }

    @Test("One provider that hangs holds up neither refreshes nor revocations at another")
    func otherProvider() async throws {
        let clock = ManualClock(Date())
        let hanging = ScriptedProvider(clock: clock)
        let other = ScriptedProvider(issuer: "https://other.example", clock: clock)
        try await Site.inMemory {
            $0.clock = clock
            $0.memory = InMemorySessionStore(clock: { clock.now() })
            $0.providers = [hanging, other]
            $0.transport = { provider -> any HTTPTransport in
                if provider.issuer == other.issuer { provider } else { CrowdedTransport(provider) }
            }
        } _: { site, client in
            let login = "/login?provider=other1"
            let (leaving, staying) = (Browser(client), Browser(client))
            try await leaving.signIn(other, as: ScriptedUser(subject: "leaving"), login: login)
            try await staying.signIn(other, as: ScriptedUser(subject: "staying"), login: login)
            var crowd: [Browser] = []
            for number in 0..<20 {
                let browser = Browser(client)
                try await browser.signIn(hanging, as: ScriptedUser(subject: "user-\(number)"))
                crowd.append(browser)
            }
            clock.advance(by: .seconds(280))
            for browser in crowd.prefix(10) { #expect(try await browser.post("/logout").status == .seeOther) }
            for browser in crowd.dropFirst(10) { #expect(try await browser.whoAmI() != nil) }
            let exchanges = other.requests(to: .token).count
            #expect(try await leaving.post("/logout").status == .seeOther)
            #expect(try await staying.whoAmI() != nil)
            try await eventually("the other provider is asked", within: .seconds(120)) {
                !other.requests(to: .revocation).isEmpty && other.requests(to: .token).count != exchanges
            }
        }
    }

    @Test(
        "BC-02 BC-10 a logout of a client that tenants share ends the sessions of each, which remembers it for itself"
    )
    func sharedClient() async throws {
        let clock = ManualClock(Date())
        let provider = ScriptedProvider(clock: clock)
        try await TestDatabase.shared.withClient { database in
            let store = try Site.store(database)
            var options = Site.Options()
            options.clock = clock
            options.providers = [provider]
            var sites: [Site] = []
            // The router's test client names this host.
            let origins = [("a", "http://localhost"), ("b", "https://app.example"), ("c", "https://c.example")]
            for (tenant, origin) in origins {
                var own = options
                own.baseURL = origin
                own.policy.tenantID = tenant
                // Nobody of this tenant signs in with that client.
                if tenant == "c" { own.providers = [ScriptedProvider(issuer: "https://other.example")] }
                sites.append(try Site(store: store, own))
            }
            let process = try SessionApplication(
                tenants: sites.map { TenantSite(flow: $0.flow, settings: $0.settings) },
                administration: SessionManager(store: store, logger: TestDatabase.silentLogger),
                logger: TestDatabase.silentLogger
            )
            let tenants = sites
            try await process.application.test(.router) { all in
                try await tenants[1].application.application.test(.router) { second in
                    let manager = tenants[0].manager
                    func signIn() async throws -> (SessionID, Browser) {
                        let user = UserKey(tenantID: "a", issuer: provider.issuer, subject: "alice-1")
                        var login = AuthenticatedLogin(user: user)
                        login.provider = "main"
                        login.idTokenIssuedAt = clock.now()
                        let browser = Browser(second)
                        try await browser.signIn(provider)
                        return (try await manager.completeLogin(login, replacing: nil).id, browser)
                    }
                    func isAlive(_ id: SessionID) async throws -> Bool {
                        try await manager.getSession(id, touch: false) != nil
                    }

                    let (first, browser) = try await signIn()
                    #expect(try await Self.post(try provider.logoutToken(["sid": nil]), all).status == .ok)
                    #expect(try await !isAlive(first))
                    #expect(try await browser.whoAmI() == nil)

                    // One of the two has had the token already, as when the other failed and it was sent again.
                    clock.advance(by: .seconds(2))
                    let (again, otherBrowser) = try await signIn()
                    let token = try provider.logoutToken(["sid": nil])
                    #expect(try await Self.post(token, second).status == .ok)
                    #expect(try await isAlive(again))
                    #expect(try await otherBrowser.whoAmI() == nil)
                    #expect(try await Self.post(token, all).status == .ok)
                    #expect(try await !isAlive(again))

                    // And now both: a login that began since is left alone.
                    clock.advance(by: .seconds(2))
                    let (later, laterBrowser) = try await signIn()
                    #expect(try await Self.post(token, all).status == .ok)
                    #expect(try await isAlive(later))
                    #expect(try await laterBrowser.whoAmI() == "alice-1")
                }
            }
        }
    }

    @Test("BC-04 BC-13 where one tenant refuses or fails the others end their sessions, and the answer is 400")
    func oneFails() async throws {
        let provider = ScriptedProvider()
        try await TestDatabase.shared.withClient { database in
            let store = try Site.store(database)
            var options = Site.Options()
            options.providers = [provider]
            options.policy.tenantID = "a"
            let good = try Site(store: store, options)
            options.policy.tenantID = "b"
            let other = try Site(store: store, options)
            // A tenant of a name that can't be stored: every write is refused.
            options.policy.tenantID = "c\0"
            let broken = try Site(store: store, options)
            try await other.application.application.test(.router) { client in
                let cases: [(flows: [LoginFlow], code: LoginError.Code)] = [
                    ([other.flow], .invalidLogoutToken), ([other.flow, broken.flow], .failed),
                    ([broken.flow, other.flow], .failed),
                ]
                for (number, wanted) in cases.enumerated() {
                    let mallory = Browser(client)
                    provider.misbehave(.idTokenClaim("sid", .string("sid-\(number)")))
                    try await mallory.signIn(provider, as: .mallory)
                    let user = UserKey(tenantID: "a", issuer: provider.issuer, subject: "alice-1")
                    var login = AuthenticatedLogin(user: user)
                    login.providerSessionID = "sid-\(number)"
                    let session = try await good.manager.completeLogin(login, replacing: nil)
                    let token = try provider.logoutToken(["sub": "alice-1", "sid": .string("sid-\(number)")])
                    for order in [[good.flow] + wanted.flows, wanted.flows + [good.flow]] {
                        let error = await #expect(throws: LoginError.self) {
                            try await order[0].endByProvider(Secret(token), alsoAt: Array(order.dropFirst()))
                        }
                        #expect(error?.code == wanted.code)
                        #expect(try await good.manager.getSession(session.id, touch: false) == nil)
                    }
                    #expect(try await mallory.whoAmI() == "mallory-1")
                }
            }
        }
    }
}
