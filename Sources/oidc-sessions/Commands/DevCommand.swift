import ArgumentParser
import DevelopmentProvider
import Foundation
import Logging
import Observability
import PrivatePostgres
import Secrets
import ServiceLifecycle
import UnixSignals

/// `oidc-sessions dev`: everything embedded, for a laptop.
struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run the login backend with a Postgres and an OpenID provider of its own.",
        discussion: """
            Nothing needs to be configured. It listens on loopback only, because its provider signs in anybody as \
            anybody. What it keeps is in --directory; a second start finds it. It says the DATABASE_URL for the other \
            commands, and in which files its ADMIN_TOKEN and CRON_SECRET are.

            EXAMPLES:
              oidc-sessions dev
              oidc-sessions dev --port 9000 --directory /tmp/sessions
            """
    )

    @Option(help: ArgumentHelp("Where data and keys are kept.", valueName: "path"))
    var directory = ".dev"

    @Option(help: ArgumentHelp("The port to open in the browser.", valueName: "number"))
    var port = 8080

    @Flag(help: "Show every log line.")
    var verbose = false

    func validate() throws {
        guard (1...65_535).contains(port) else {
            throw ValidationError("--port: must be a number from 1 to 65535")
        }
    }

    func run() async throws {
        let (logger, metrics) = ProcessObservability.start(format: .text, level: verbose ? .debug : .notice)
        let directory = try DevelopmentDirectory(path: directory)
        Terminal.print("Starting Postgres in \(directory.postgres.path)")
        let database = try await PrivatePostgres.start(directory: directory.postgres)
        do {
            try await serve(directory: directory, database: database, metrics: metrics, logger: logger)
        } catch {
            // It has been stopped by its service, unless the services never came to run.
            if database.isRunning { try? await database.stop() }
            throw error
        }
        Terminal.print("Stopped")
    }

    private func serve(
        directory: DevelopmentDirectory,
        database: PrivatePostgres,
        metrics: PrometheusRegistry,
        logger: Logger
    ) async throws {
        let origin = DevelopmentBackend.origin(port: port)
        let clientSecret = Secret(SealingSecret.generate())
        let provider = try DevelopmentProvider(
            configuration: DevelopmentProviderConfiguration(
                directory: directory.provider,
                clients: [
                    DevelopmentClient(
                        id: DevelopmentBackend.clientID,
                        secret: clientSecret,
                        name: "oidc-sessions",
                        redirectURIs: [origin + "/callback"],
                        postLogoutRedirectURIs: [origin + "/logged-out"]
                    )
                ]
            ),
            logger: logger
        )
        let backend = DevelopmentBackend(
            provider: provider,
            database: database,
            directory: directory,
            clientSecret: clientSecret,
            port: port,
            metrics: metrics,
            logger: logger
        )
        let services: [any Service] = [
            DevelopmentDatabase(server: database, logger: logger), provider, backend,
        ]
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
            logger: logger
        )
        configuration.gracefulShutdownSignals = [.sigterm, .sigint]
        try await ServiceGroup(configuration: configuration).run()
    }
}
