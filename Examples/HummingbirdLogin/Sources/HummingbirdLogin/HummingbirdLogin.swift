import Foundation
import Hummingbird
import Logging
import LoginFlow
import Migrations
import OpenIDConnect
import OpenIDConnectTransport
import PostgresPipeline
import Secrets
import SessionServer
import Sessions

/// An application with "sign in" and one page that only signed-in users see.
@main
struct HummingbirdLogin {
    static func main() async throws {
        let transport = try HTTPClientTransport()
        var app = try application(environment: ProcessInfo.processInfo.environment, transport: transport)
        app.addServices(transport)
        try await app.runService()
    }

    static func application(
        environment: [String: String],
        transport: any HTTPTransport,
        logger: Logger = Logger(label: "HummingbirdLogin")
    ) throws -> Application<RouterResponder<BasicSessionRequestContext>> {
        func setting(_ name: String) throws -> String {
            guard let value = environment[name] else { throw MissingSetting(name: name) }
            return value
        }
        guard let baseURL = BaseURL(environment["BASE_URL"] ?? "http://localhost:8080"),
            let key = Data(base64Encoded: try setting("SESSION_SECRET"))
        else { throw MissingSetting(name: "BASE_URL or SESSION_SECRET") }

        // Sessions, in Postgres.
        let database = PostgresClient(
            configuration: PostgresConfiguration(connectionString: Secret(try setting("DATABASE_URL"))),
            logger: logger
        )
        let keyRing = try KeyRing(secrets: [Secret(Array(key))])
        let manager = SessionManager(client: database, keyRing: keyRing, logger: logger)

        // The provider.
        let provider = RelyingParty(
            configuration: try ProviderConfiguration(
                name: "login",
                issuer: try setting("OIDC_ISSUER"),
                clientID: try setting("OIDC_CLIENT_ID"),
                clientSecret: environment["OIDC_CLIENT_SECRET"].map { Secret($0) },
                redirectURI: baseURL.redirectURI
            ),
            transport: transport,
            logger: logger
        )

        // What joins them: /login, /callback, /logout, /session.
        let flow = LoginFlow(manager: manager, providers: ProviderRegistry(provider), logger: logger)
        let routes = try SessionRoutes(flow: flow, settings: ServerSettings(baseURL: baseURL))
        let router = Router(context: BasicSessionRequestContext.self)
        routes.addLoginRoutes(to: router)

        // The application's own pages.
        let pages = router.group().add(middleware: routes.attachSession())
        pages.get("/") { _, context in
            context.session == nil ? "Sign in: \(baseURL.url("/login?return_to=/private"))" : "You are signed in."
        }
        pages.group().add(middleware: routes.requireSession()).get("/private") { _, context in
            "Hello, \(context.session?.profile["name"]?.stringValue ?? "whoever you are")."
        }

        var app = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: Int(environment["PORT"] ?? "") ?? 8080)),
            services: [database, manager, flow.refresher],
            logger: logger
        )
        app.beforeServerStarts {
            let migrations = try MigrationSource.embedded()
            _ = try await Migrator(client: database, source: migrations, logger: logger).up()
        }
        return app
    }
}

/// Names what has to be set.
struct MissingSetting: Error, CustomStringConvertible {
    let name: String
    var description: String { "\(name) is missing or malformed" }
}
