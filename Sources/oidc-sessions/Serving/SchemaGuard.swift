import Logging
import Migrations
import PostgresPipeline
import ServiceLifecycle
import Synchronization

/// Keeps the program off a database that it wasn't written for.
///
/// A pending or unknown migration ends the program; a database that is out of reach is waited for, and checked when it
/// is back.
struct SchemaGuard: Service {
    private let client: PostgresClient
    private let migrator: Migrator
    private let migrates: Bool
    private let logger: Logger
    private let verdict = FirstVerdict()
    private let confirmation = AsyncStream.makeStream(of: Void.self)

    /// - Parameter migrates: applies what is pending rather than refusing it.
    init(client: PostgresClient, migrates: Bool, logger: Logger) throws(MigrationError) {
        self.client = client
        migrator = Migrator(client: client, source: try .embedded(), logger: logger)
        self.migrates = migrates
        self.logger = logger
    }

    /// Checks until the database has answered, then waits for the end.
    ///
    /// - Throws: `MigrationError` when the database isn't what this program expects.
    func run() async throws {
        do {
            try await checkUntilAnswered()
        } catch is CancellationError {
            return
        } catch {
            verdict.settle(isRefused: true)
            throw error
        }
        // A service that returns ends its group.
        try? await gracefulShutdown()
    }

    /// Waits for the first verdict; without a connection to the database not for long, since "not ready" is an answer too.
    ///
    /// - Returns: false when the database was refused, and nothing may be served.
    func mayServe() async -> Bool {
        let patience = ContinuousClock.now + .seconds(2)
        while !verdict.isSettled, !Task.isCancelled, !Task.isShuttingDownGracefully,
            client.isConnected || ContinuousClock.now < patience
        {
            try? await Task.sleep(for: .milliseconds(10))
        }
        return !verdict.isRefused
    }

    /// Waits until the database has the schema of this program.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    func confirmed() async throws {
        for await _ in confirmation.stream {}
        try Task.checkCancellation()
    }

    private func checkUntilAnswered() async throws {
        var pause = Duration.milliseconds(500)
        while true {
            do {
                if migrates { try await migrator.up() } else { try await migrator.verify() }
                logger.debug("the database has the schema of this program")
                verdict.settle(isRefused: false)
                confirmation.continuation.finish()
                return
            } catch let error as MigrationError where error.code == .unavailable {
                logger.warning("waiting for the database", metadata: ["error": "\(error)"])
                verdict.settle(isRefused: false)
            }
            let current = pause
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: current) }
            if Task.isShuttingDownGracefully { return }
            pause = min(pause * 2, .seconds(10))
        }
    }
}

/// The outcome of the first check.
private final class FirstVerdict: Sendable {
    private let refusal = Mutex<Bool?>(nil)

    var isSettled: Bool { refusal.withLock { $0 != nil } }
    var isRefused: Bool { refusal.withLock { $0 == true } }

    /// A refusal counts whenever it comes.
    func settle(isRefused: Bool) {
        refusal.withLock { $0 = isRefused || $0 == true }
    }
}
