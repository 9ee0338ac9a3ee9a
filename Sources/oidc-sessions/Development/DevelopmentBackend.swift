import DevelopmentProvider
import Foundation
import Logging
import Observability
import PrivatePostgres
import Secrets
import ServiceLifecycle

/// The login backend of `dev`: configured once the provider's port, and so its issuer, is known.
struct DevelopmentBackend: Service {
    static let clientID = "oidc-sessions"

    let provider: DevelopmentProvider
    let database: PrivatePostgres
    let directory: DevelopmentDirectory
    let clientSecret: Secret<String>
    let port: Int
    let metrics: PrometheusRegistry
    let logger: Logger

    /// Serves until graceful shutdown or cancellation.
    func run() async throws {
        let environment = try environment(issuer: try await provider.issuer())
        let settings = try Settings.load(environment: environment, needs: .serving)
        var options = Backend.Options()
        options.migrates = true
        options.portSetting = "--port"
        let announcement = Announcement(origin: Self.origin(port: port), notes: notes)
        options.onListening = { _ in announcement.add(.page) }
        options.onAdminListening = { announcement.add(.metrics(port: $0)) }
        try await Backend(settings: settings, options: options, metrics: metrics, logger: logger).run(signals: [])
    }

    /// The public origin; `localhost`, while the provider has the other name of the machine, so that their cookies
    /// don't meet (cookies don't know ports).
    static func origin(port: Int) -> String { "http://localhost:\(port)" }

    /// The tokens of our own making, by which the endpoints for administrators and schedulers can be tried; none where
    /// the surroundings have one.
    private var tokens: [SettingName: DevelopmentDirectory.SecretName] {
        let surroundings = ProcessInfo.processInfo.environment
        let all: [SettingName: DevelopmentDirectory.SecretName] = [.adminToken: .adminToken, .cronSecret: .cronSecret]
        return all.filter { setting, _ in setting.spellings.allSatisfy { surroundings[$0, default: ""].isEmpty } }
    }

    /// What other commands and curl need, without showing a secret.
    private var notes: [String] {
        let sealing = directory.file(of: .sealing)
        var notes = ["Other commands: DATABASE_URL='\(database.connectionString)' SESSION_SECRET_FILE='\(sealing)'"]
        for (setting, name) in tokens.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            notes.append("\(setting.rawValue) is in \(directory.file(of: name))")
        }
        return notes
    }

    /// The settings of this run, which go through the same checks as those of `serve`.
    ///
    /// Policies may come from the surroundings; who and where we are may not.
    private func environment(issuer: String) throws -> [String: String] {
        var own: [SettingName: String] = [
            .databaseURL: database.connectionString,
            .sessionSecret: try directory.secret(.sealing).reveal(),
            .issuer: issuer,
            .clientID: Self.clientID,
            .clientSecret: clientSecret.reveal(),
            .baseURL: Self.origin(port: port),
            .host: "127.0.0.1",
            .port: "\(port)",
            .adminHost: "127.0.0.1",
            .adminPort: "0",
        ]
        for (setting, name) in tokens { own[setting] = try directory.secret(name).reveal() }
        let replaced = Set(own.keys.flatMap(\.spellings))
        let surroundings = ProcessInfo.processInfo.environment.filter { !replaced.contains($0.key) }
        return own.reduce(into: surroundings) { $0[$1.key.rawValue] = $1.value }
    }
}
