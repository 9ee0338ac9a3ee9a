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
        /// Reads the settings again at SIGHUP, for the secrets that can change while it runs; nil: SIGHUP ends the
        /// process, as it does by default.
        var settingsToReload: (@Sendable () throws(SettingsError) -> Settings)?
        /// Told the public port once the server listens.
        var onListening: @Sendable (_ port: Int) -> Void = { _ in }
        /// Told the port of `/metrics` once it is served.
        var onAdminListening: @Sendable (_ port: Int) -> Void = { _ in }
    }

    /// One for each tenant.
    let sites: [TenantSite]
    private let services: [ServiceGroupConfiguration.ServiceConfiguration]
    private let settings: Settings
    private let logger: Logger

    /// Builds every part; nothing is connected or bound yet.
    ///
    /// - Throws: ``SettingsError`` and `LoginError` for settings that don't go together.
    init(settings: Settings, options: Options, metrics: PrometheusRegistry, logger: Logger) throws {
        guard let database = settings.database, let keyRing = settings.keyRing, !settings.tenants.isEmpty
        else { throw SettingsError(["the settings were loaded without what serving needs"]) }
        for warning in settings.warnings { logger.warning("\(warning)") }
        let client = PostgresClient(configuration: database, logger: logger)
        let transport = try HTTPClientTransport()
        let store = PostgresSessionStore(client: client, keyRing: keyRing, logger: logger)
        let manager = SessionManager(store: store, policy: settings.policy, logger: logger)
        let adminTokens = try Self.bearerTokens(settings.adminTokens)
        let cronSecrets = try Self.bearerTokens(settings.cronSecrets)
        let limiter = settings.loginRate.map(LoginLimiter.init(perMinute:))
        // One of each for all tenants: providers and connections don't know of tenants.
        let directory = ProviderDirectory(transport: transport)
        let work = ProviderWork(logger: logger)
        let sites = try settings.tenants.map { tenant in
            TenantSite(
                flow: try Self.flow(
                    tenant,
                    settings,
                    manager: manager,
                    directory: directory,
                    work: work,
                    logger: logger
                ),
                settings: Self.serverSettings(
                    settings,
                    tenant,
                    admin: adminTokens,
                    cron: cronSecrets,
                    limiter: limiter
                )
            )
        }
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
            try Self.application(
                sites,
                settings,
                administration: manager,
                listener: $0,
                logger: logger,
                isOpen: { schema.isConfirmed }
            )
        }
        // Ended from the last to the first: requests finish, refreshes and touches are written, then the connections go.
        let sessions = AfterSchema(schema: schema, service: manager)
        var services: [any Service] = [transport, client, schema, sessions]
        services += sites.map(\.flow.refresher)
        services += [admin, application]
        if let load = options.settingsToReload {
            services.append(
                SecretsReload(
                    load: load,
                    settings: settings,
                    secrets: RunningSecrets(
                        store: store,
                        adminTokens: adminTokens,
                        cronSecrets: cronSecrets,
                        registries: sites.map(\.flow.providers),
                        directory: directory
                    ),
                    logger: logger
                )
            )
        }
        self.sites = sites
        self.services = services.map { service in
            .init(service: service, failureTerminationBehavior: .gracefullyShutdownGroup)
        }
        self.settings = settings
        self.logger = logger
    }

    private static func flow(
        _ tenant: TenantSettings,
        _ settings: Settings,
        manager: SessionManager,
        directory: ProviderDirectory,
        work: ProviderWork,
        logger: Logger
    ) throws -> LoginFlow {
        var logger = logger
        if let id = tenant.id { logger[metadataKey: "tenant"] = "\(id)" }
        let parties = tenant.providers.map {
            RelyingParty(configuration: $0, directory: directory, logger: logger)
        }
        return LoginFlow(
            manager: tenant.id.map(manager.scoped(to:)) ?? manager,
            providers: try ProviderRegistry(parties, default: tenant.defaultProvider),
            options: settings.flow,
            sharing: work,
            logger: logger
        )
    }

    private static func application(
        _ sites: [TenantSite],
        _ settings: Settings,
        administration: SessionManager,
        listener: ListenerConfiguration,
        logger: Logger,
        isOpen: @escaping @Sendable () -> Bool
    ) throws -> SessionApplication {
        // Without tenants the host that a request names decides nothing.
        if sites.count == 1, settings.tenants[0].id == nil {
            return try SessionApplication(
                flow: sites[0].flow,
                settings: sites[0].settings,
                listener: listener,
                logger: logger,
                isOpen: isOpen
            )
        }
        return try SessionApplication(
            tenants: sites,
            administration: administration,
            listener: listener,
            logger: logger,
            isOpen: isOpen
        )
    }

    private static func serverSettings(
        _ settings: Settings,
        _ tenant: TenantSettings,
        admin: BearerTokens?,
        cron: BearerTokens?,
        limiter: LoginLimiter?
    ) -> ServerSettings {
        var server = ServerSettings(baseURL: tenant.baseURL)
        server.sessionCookieName = tenant.sessionCookieName
        server.documentedSessionCookieName = settings.documentedCookieName
        server.addressStorage = settings.addressStorage
        server.loginParameters = settings.loginParameters
        server.allowsThirdPartyLogin = settings.allowsThirdPartyLogin
        server.trustedProxies = settings.trustedProxies
        server.loginLimiter = limiter
        server.adminTokens = admin
        server.cronSecrets = cron
        server.documentedSessionCookieFormat = settings.documentedCookieFormat
        return server
    }

    static func bearerTokens(_ tokens: [Secret<String>]) throws -> BearerTokens? {
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
