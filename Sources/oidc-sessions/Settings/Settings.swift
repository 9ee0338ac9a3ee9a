import Logging
import LoginFlow
import Observability
import OpenIDConnect
import PostgresPipeline
import Secrets
import SessionServer
import Sessions

/// The settings of a run, parsed and checked: `contract`'s names, from flags, environment and configuration file.
struct Settings: Sendable {
    /// Nil when `DATABASE_URL` isn't set.
    let database: PostgresConfiguration?
    /// Nil when `SESSION_SECRET` isn't set.
    let keyRing: KeyRing?
    /// `BASE_URL`; nil when it isn't set, and in a process with tenants.
    let baseURL: BaseURL?
    /// What the session cookie is called, before the `__Host-` prefix, where a tenant has no name of its own for it.
    let cookieName: String?
    /// Every provider; empty when one of `OIDC_ISSUER` and `OIDC_CLIENT_ID` isn't set.
    let providers: [ProviderSettings]
    /// Every tenant with its origin and providers; without tenants one that has no id, or none when a provider or
    /// `BASE_URL` isn't set.
    let tenants: [TenantSettings]
    /// The cookie of the deployment whose table was migrated.
    let documentedCookieName: String?
    let documentedCookieFormat: DocumentedCookieFormat
    /// Where `import` reads; nil: from ``database``.
    let importDatabase: PostgresConfiguration?
    /// The issuers of all providers, whether or not the rest of a provider is set.
    let issuers: [String]
    let policy: SessionPolicy
    /// Whether and when tokens are refreshed.
    let flow: LoginFlow.Options
    let addressStorage: AddressStorage
    /// What a link to `/login` may ask for.
    let loginParameters: Set<LoginParameter>
    let allowsThirdPartyLogin: Bool
    let trustedProxies: TrustedProxies
    /// Logins a minute that one address may start; nil: any number.
    let loginRate: Int?
    let listener: Listener
    let adminListener: Listener
    let shutdownGrace: Duration
    let logFormat: StructuredLogHandler.Format
    let logLevel: Logger.Level
    /// Bearer tokens of the admin endpoints; none: they answer 404.
    let adminTokens: [Secret<String>]
    /// Bearer tokens of the cron endpoint; none: it answers 404.
    let cronSecrets: [Secret<String>]
    /// One line each for what doesn't stop anything and should be looked at.
    let warnings: [String]
    /// What was read, to tell what has changed when it is read again.
    let texts: SettingsTexts

    /// The only provider of a process without several; the first of the first tenant otherwise.
    var provider: ProviderConfiguration? { tenants.first?.providers.first }

    /// Where a server listens.
    struct Listener: Sendable, Hashable {
        let host: String
        let port: Int
    }

    /// What a command can't do without.
    struct Needs: OptionSet {
        let rawValue: Int
        static let database = Needs(rawValue: 1)
        static let keyRing = Needs(rawValue: 2)
        static let provider = Needs(rawValue: 4)
        static let serving: Needs = [.database, .keyRing, .provider]
    }

    /// Reads and checks every setting that is there, and that those which the command needs are.
    ///
    /// - Throws: ``SettingsError`` with everything that is wrong, so that one start shows all of it.
    static func load(
        environment: [String: String],
        configurationFile: String? = nil,
        overrides: [String: String] = [:],
        needs: Needs
    ) throws(SettingsError) -> Settings {
        var file: ConfigurationFile?
        if let configurationFile { file = try ConfigurationFile(path: configurationFile) }
        var reader = SettingsReader(environment: environment, file: file, overrides: overrides)
        let settings = Settings(&reader, needs: needs)
        try reader.finish()
        return settings
    }

    private init(_ reader: inout SettingsReader, needs: Needs) {
        database = reader.database(required: needs.contains(.database))
        keyRing = reader.keyRing(required: needs.contains(.keyRing))
        baseURL = reader.file?.tenants == nil ? reader.baseURL(required: false) : nil
        providers = reader.providers(required: needs.contains(.provider))
        tenants = reader.tenants(providers: providers, required: needs.contains(.provider))
        cookieName = reader.cookieName(.cookieName)
        documentedCookieName = reader.cookieName(.documentedCookieName)
        documentedCookieFormat = reader.documentedCookieFormat()
        importDatabase = reader.importDatabase()
        issuers = reader.file?.providers == nil ? reader.text(.issuer).map { [$0] } ?? [] : providers.map(\.issuer)
        policy = reader.sessionPolicy()
        flow = reader.flowOptions()
        addressStorage =
            reader.choice(.addressStorage, AddressStorage.allCases.map { ($0.rawValue, $0) }) ?? .full
        trustedProxies = reader.trustedProxies()
        loginRate = reader.loginRate(isBehindTrustedProxies: trustedProxies != .none)
        loginParameters = reader.loginParameters()
        allowsThirdPartyLogin = reader.boolean(.thirdPartyLogin, default: false)
        listener = reader.listener(.host, .port, default: 8080)
        adminListener = reader.listener(.adminHost, .adminPort, default: 8081)
        shutdownGrace = .seconds(reader.integer(.shutdownGrace, default: 20, in: 1...600, unit: "seconds"))
        logFormat = reader.choice(.logFormat, [("json", .json), ("text", .text)]) ?? .json
        logLevel =
            reader.choice(.logLevel, Logger.Level.allCases.map { ($0.rawValue, $0) }) ?? .info
        (adminTokens, cronSecrets) = reader.bearerTokens(besides: providers.compactMap(\.clientSecret))
        warnings = reader.warnings
        reader.noteObjects()
        texts = reader.texts
    }
}
