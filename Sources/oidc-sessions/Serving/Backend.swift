import Logging
import LoginFlow
import Observability
import OpenIDConnect
import OpenIDConnectTransport
import PostgresPipeline
import Secrets
import ServiceLifecycle
import SessionServer
import Sessions
import UnixSignals

/// The login backend, wired: everything that `serve` runs, in the order in which it starts.
struct Backend {
    /// What differs between `serve` and `dev`.
    struct Options {
        /// Applies pending migrations rather than refusing them.
        var migrates = false
        /// What to change when the public port is taken.
        var portSetting = SettingName.port.rawValue
        /// Told the public port once the server listens.
        var onListening: @Sendable (_ port: Int) -> Void = { _ in }
        /// Told the port of `/metrics` once it is served.
        var onAdminListening: @Sendable (_ port: Int) -> Void = { _ in }
    }

    private let services: [ServiceGroupConfiguration.ServiceConfiguration]
    private let settings: Settings
    private let logger: Logger

    /// Builds every part; nothing is connected or bound yet.
    ///
    /// - Throws: ``SettingsError`` and `LoginError` for settings that don't go together.
    init(settings: Settings, options: Options, metrics: PrometheusRegistry, logger: Logger) throws {
        guard let database = settings.database, let keyRing = settings.keyRing, let tenant = settings.tenants.first,
            let provider = tenant.providers.first
        else { throw SettingsError(["the settings were loaded without what serving needs"]) }
        guard settings.tenants.count == 1, tenant.providers.count == 1 else {
            throw SettingsError(["providers, tenants: several can be configured and not be served yet"])
        }
        for warning in settings.warnings { logger.warning("\(warning)") }
        let client = PostgresClient(configuration: database, logger: logger)
        let transport = try HTTPClientTransport()
        let manager = SessionManager(client: client, keyRing: keyRing, policy: settings.policy, logger: logger)
        let relyingParty = RelyingParty(configuration: provider, transport: transport, logger: logger)
        var flowOptions = settings.flow
        flowOptions.tenantID = settings.policy.tenantID ?? ""
        let flow = LoginFlow(
            manager: manager,
            providers: ProviderRegistry(relyingParty),
            options: flowOptions,
            logger: logger
        )
        let schema = try SchemaGuard(client: client, migrates: options.migrates, logger: logger)
        let admin = ListeningService(
            schema: schema,
            listener: settings.adminListener,
            portSetting: SettingName.adminPort.rawValue,
            drainTimeout: .seconds(1),
            onListening: options.onAdminListening
        ) { AdminApplication(listener: $0, logger: logger) { metrics.text() } }
        let application = try ListeningService(
            schema: schema,
            listener: settings.listener,
            portSetting: options.portSetting,
            drainTimeout: settings.shutdownGrace,
            onListening: options.onListening
        ) {
            try SessionApplication(
                flow: flow,
                settings: try Self.serverSettings(settings, tenant),
                listener: $0,
                logger: logger,
                isOpen: { schema.isConfirmed }
            )
        }
        // Ended from the last to the first: requests finish, refreshes and touches are written, then the connections go.
        let sessions = AfterSchema(schema: schema, service: manager)
        services = [transport, client, schema, sessions, flow.refresher, admin, application].map {
            (service: any Service) in
            .init(service: service, failureTerminationBehavior: .gracefullyShutdownGroup)
        }
        self.settings = settings
        self.logger = logger
    }

    private static func serverSettings(_ settings: Settings, _ tenant: TenantSettings) throws -> ServerSettings {
        var server = ServerSettings(baseURL: tenant.baseURL)
        if let name = tenant.cookieName { server.sessionCookieName = name }
        server.documentedSessionCookieName = settings.documentedCookieName
        server.addressStorage = settings.addressStorage
        server.loginParameters = settings.loginParameters
        server.allowsThirdPartyLogin = settings.allowsThirdPartyLogin
        server.trustedProxies = settings.trustedProxies
        server.adminTokens = try bearerTokens(settings.adminTokens)
        server.cronSecrets = try bearerTokens(settings.cronSecrets)
        server.documentedSessionCookieFormat = settings.documentedCookieFormat
        return server
    }

    private static func bearerTokens(_ tokens: [Secret<String>]) throws -> BearerTokens? {
        guard !tokens.isEmpty else { return nil }
        return try BearerTokens(Secret(tokens.map { $0.reveal() }.joined(separator: ",")))
    }

    /// Runs until a signal, or until one part fails.
    ///
    /// - Parameter signals: what begins the graceful shutdown; none when this is part of another group.
    func run(signals: [UnixSignal]) async throws {
        var configuration = ServiceGroupConfiguration(services: services, logger: logger)
        configuration.gracefulShutdownSignals = signals
        // Requests have the grace; what comes after them has five seconds more.
        configuration.maximumGracefulShutdownDuration = settings.shutdownGrace + .seconds(5)
        try await ServiceGroup(configuration: configuration).run()
    }
}
