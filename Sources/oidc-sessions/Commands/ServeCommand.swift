import ArgumentParser
import Glibc
import SessionServer
import UnixSignals

/// `oidc-sessions serve`: the HTTP backend.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the login backend until SIGTERM or SIGINT.",
        discussion: """
            It refuses to start on malformed settings (all of them are listed) and on a database with pending \
            migrations. A database that is out of reach is waited for; after the first 10 seconds it listens, and \
            /health/ready says so.

            At SIGHUP it reads SESSION_SECRET, ADMIN_TOKEN, CRON_SECRET, client secrets and keys again, from the files that \
            hold them: a change takes effect at once, and one that doesn't pass leaves the old in force.

            EXAMPLES:
              oidc-sessions serve
              oidc-sessions serve --migrate --config settings.json
              oidc-sessions serve --set PORT=9000 --set LOG_FORMAT=text
            """
    )

    @OptionGroup var settings: SettingsOptions

    @Flag(help: "Apply pending migrations first.")
    var migrate = false

    func run() async throws {
        // Until somebody listens for it, a signal that asks for nothing but reading settings ends nothing.
        signal(SIGHUP, SIG_IGN)
        let loaded = try settings.load(needs: .serving)
        let (logger, metrics) = ProcessObservability.start(format: loaded.logFormat, level: loaded.logLevel)
        var options = Backend.Options()
        options.migrates = migrate
        let origin = loaded.tenants.map(\.baseURL.origin).joined(separator: ", ")
        let host = loaded.listener.host
        options.onListening = { port in
            Terminal.print("oidc-sessions serves \(origin) on \(host.contains(":") ? "[\(host)]" : host):\(port)")
        }
        options.settingsToReload = settings.loader(needs: .serving)
        let backend = try Backend(settings: loaded, options: options, metrics: metrics, logger: logger)
        try await backend.run(signals: [.sigterm, .sigint])
    }
}
