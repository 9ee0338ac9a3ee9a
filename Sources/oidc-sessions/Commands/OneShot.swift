import Logging
import Migrations
import Observability
import PostgresPipeline
import Sessions

/// What commands that do one thing and end have in common.
struct OneShot {
    let settings: Settings
    let logger: Logger
    /// The pool's own lines would say at each attempt what the command says once, at its end; only `LOG_LEVEL` asks
    /// for them.
    private let poolLogger: Logger

    /// - Parameters:
    ///   - verbose: shows what is only of interest when somebody looks.
    ///   - isQuiet: leaves it to the command to say what is wrong.
    init(settings: Settings, verbose: Bool = false, isQuiet: Bool = false) {
        self.settings = settings
        for warning in isQuiet ? [] : settings.warnings { Terminal.complain("oidc-sessions: warning: \(warning)") }
        // The answer goes to standard output; the everyday lines of a server would only repeat it.
        let isUsual = settings.logLevel == .info && !verbose
        logger = Self.logger(verbose ? .debug : isUsual ? .notice : settings.logLevel)
        let isSilent = settings.logLevel == .info || isQuiet
        poolLogger = Self.logger(isSilent ? .critical : settings.logLevel)
    }

    private static func logger(_ level: Logger.Level) -> Logger {
        Logger(label: "oidc-sessions") { label in
            StructuredLogHandler(label: label, format: .text, level: level)
        }
    }

    /// Runs a client on the database of the settings, which has to be there: a command doesn't wait for it.
    func withClient<R: Sendable>(_ body: (PostgresClient) async throws -> R) async throws -> R {
        guard var database = settings.database else {
            throw ProgramError(.misused, "DATABASE_URL: is not set")
        }
        database.writeConnections = 1
        return try await PostgresClient.withClient(configuration: database, logger: poolLogger) { client in
            // Not retried, so that it fails at once and says why.
            try await client.withDedicatedConnection { _ in }
            return try await body(client)
        }
    }

    /// The same, on a database that has been migrated to what this program was written for.
    func withMigratedClient<R: Sendable>(_ body: (PostgresClient) async throws -> R) async throws -> R {
        try await withClient { client in
            try await Migrator(client: client, source: try .embedded(), logger: logger).verify()
            return try await body(client)
        }
    }

    /// The same with a store, and a manager of the settings' policy over it.
    ///
    /// Without a sealing secret it opens nothing, which lists, counts and endings don't need.
    func withStore<R: Sendable>(_ body: (PostgresSessionStore, SessionManager) async throws -> R) async throws -> R {
        try await withMigratedClient { client in
            let keyRing = try settings.keyRing ?? .throwaway()
            let store = PostgresSessionStore(client: client, keyRing: keyRing, logger: logger)
            return try await body(store, SessionManager(store: store, policy: settings.policy, logger: logger))
        }
    }

    /// The same with a manager for what ends sessions: by their stored ends alone it judges which are alive.
    ///
    /// A server may have longer lifetimes than the settings of a shell, and what is to be over must be over for it, too.
    func withEndingManager<R: Sendable>(_ body: (SessionManager) async throws -> R) async throws -> R {
        try await withStore { store, _ in
            var policy = settings.policy
            policy.idleLifetime = Self.longest
            policy.absoluteLifetime = Self.longest
            return try await body(SessionManager(store: store, policy: policy, logger: logger))
        }
    }

    /// More than any setting may be.
    private static let longest = Duration.seconds(36_500 * 86_400)

    /// The same with the manager alone.
    func withManager<R: Sendable>(_ body: (SessionManager) async throws -> R) async throws -> R {
        try await withStore { _, manager in try await body(manager) }
    }
}
