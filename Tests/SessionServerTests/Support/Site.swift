import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import LoginFlow
import OpenIDConnect
import PostgresPipeline
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import TestSupport

/// A server as an operator would run it, a scripted provider behind it, and a client in front.
struct Site: Sendable {
    static let sessionCookie = "__Host-oidc_session"
    static let loginPrefix = "__Host-oidc_login_"
    /// What a browser sends along with a form of our own pages.
    static let sameOrigin: HTTPFields = [.origin: "https://app.example", .secFetchSite: "same-origin"]

    static let adminToken = "admin-token-of-the-tests-0123456789"
    static let cronSecret = "cron+secret/of.the~tests-0123456789="

    /// What a test may change.
    struct Options: Sendable {
        var baseURL = "https://app.example"
        var policy = SessionPolicy()
        var providers: [ScriptedProvider] = [ScriptedProvider()]
        var logger = TestDatabase.silentLogger
        var clock: any WallClock = SystemWallClock()
        var memory = InMemorySessionStore()
        /// Whether the first provider is where logins go that name none.
        var hasDefaultProvider = true
        /// What lies between the relying party and the provider.
        var transport: @Sendable (ScriptedProvider) -> any HTTPTransport = { $0 }
        var configure: @Sendable (inout ProviderConfiguration.Options) -> Void = { _ in }
        var settings: @Sendable (inout ServerSettings) -> Void = { _ in }
        /// Of what is tested over a socket.
        var listener = ListenerConfiguration()
        var flow = LoginFlow.Options()
        var pacing = RefreshPacing()
        var revocationPacing = RevocationPacing()
        /// The names of the providers.
        var names = ["main", "other1", "other2"]
        /// What clients of several sites share of their provider; nil: nothing.
        var directory: ProviderDirectory?
        /// What flows of several sites share; nil: nothing.
        var work: ProviderWork?
        /// The redirect URI, from the one that fits.
        var redirectURI: @Sendable (String) -> String = { $0 }
    }

    let manager: SessionManager
    let flow: LoginFlow
    let settings: ServerSettings
    let providers: [ScriptedProvider]
    let application: SessionApplication

    var provider: ScriptedProvider { providers[0] }

    init(store: any SessionStore, _ options: Options) throws {
        manager = SessionManager(store: store, policy: options.policy, logger: options.logger)
        var settings = ServerSettings(baseURL: try Self.require(BaseURL(options.baseURL)))
        settings.adminTokens = try BearerTokens(Secret(Self.adminToken))
        settings.cronSecrets = try BearerTokens(Secret(Self.cronSecret))
        options.settings(&settings)
        self.settings = settings
        providers = options.providers
        let parties = try options.providers.enumerated().map { index, provider in
            var configured = ProviderConfiguration.Options()
            options.configure(&configured)
            let name = options.names[index]
            let redirectURI = index == 0 ? settings.baseURL.redirectURI : settings.baseURL.redirectURI(of: name)
            return RelyingParty(
                configuration: try ProviderConfiguration(
                    name: name,
                    issuer: provider.issuer,
                    clientID: provider.client.id,
                    clientSecret: Secret(provider.client.secret),
                    redirectURI: options.redirectURI(redirectURI),
                    options: configured
                ),
                directory: options.directory
                    ?? ProviderDirectory(transport: options.transport(provider), clock: options.clock),
                logger: options.logger
            )
        }
        flow = LoginFlow(
            manager: manager,
            providers: options.hasDefaultProvider
                ? try ProviderRegistry(parties) : try ProviderRegistry(parties, default: nil),
            options: options.flow,
            sharing: options.work,
            logger: options.logger,
            pacing: options.pacing,
            revocationPacing: options.revocationPacing,
            clock: ContinuousClock()
        )
        application = try SessionApplication(
            flow: flow,
            settings: settings,
            listener: options.listener,
            logger: options.logger
        )
    }

    private static func require<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Browser.Failure(description: "bad base URL in a test") }
        return value
    }

    /// A site as in production: its sessions in a Postgres of the test's own.
    static func run<R: Sendable>(
        _ configure: (inout Options) -> Void = { _ in },
        _ body: @Sendable (Site, any TestClientProtocol) async throws -> R
    ) async throws -> R {
        var options = Options()
        configure(&options)
        let chosen = options
        return try await TestDatabase.shared.withClient { client in
            let site = try Site(store: try store(client), chosen)
            return try await site.application.application.test(.router) { try await body(site, $0) }
        }
    }

    /// The store of a database, under a key that all of them share.
    static func store(_ client: PostgresClient) throws -> PostgresSessionStore {
        let keyRing = try KeyRing(secrets: [Secret(Array(repeating: 7, count: 32))])
        return PostgresSessionStore(client: client, keyRing: keyRing, logger: TestDatabase.silentLogger)
    }

    /// A site whose sessions are in memory: for what has nothing to do with the database.
    static func inMemory<R: Sendable>(
        _ configure: (inout Options) -> Void = { _ in },
        _ body: @Sendable (Site, any TestClientProtocol) async throws -> R
    ) async throws -> R {
        var options = Options()
        configure(&options)
        let site = try Site(store: options.memory, options)
        return try await site.application.application.test(.router) { try await body(site, $0) }
    }
}

extension HTTPField.Name {
    static let secFetchSite = known("Sec-Fetch-Site")
    static let secFetchMode = known("Sec-Fetch-Mode")
    static let secFetchDest = known("Sec-Fetch-Dest")
    static let requestID = known("X-Request-Id")
    static let referrerPolicy = known("Referrer-Policy")

    static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("not a field name") }
        return name
    }
}
