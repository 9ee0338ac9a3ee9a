import Decision
import Logging
import Migrations
import PostgresPipeline
import ServiceLifecycle

/// Keeps the program off a database that it wasn't written for.
///
/// A pending or unknown migration ends the program; a database that is out of reach is waited for, and checked when it
/// is back.
struct SchemaGuard: Service, CustomStringConvertible {
    /// Whether to listen.
    private enum Verdict {
        /// The schema is there, or the database is out of reach: "not ready" is an answer too.
        case mayListen
        case refused
    }

    private let client: PostgresClient
    private let migrator: Migrator
    private let migrates: Bool
    private let logger: Logger
    private let verdict = Decision<Verdict>()
    private let confirmation = Decision<Bool>()

    /// What the log says of it: without this, all that it holds, the text of every migration with it.
    let description = "SchemaGuard"

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
            verdict.settle(.refused)
            throw error
        }
        // A service that returns ends its group.
        try? await gracefulShutdown()
    }

    /// Waits until the database has answered or can't be reached.
    ///
    /// However long it takes to answer: as long as it can be reached, nothing listens before it has.
    /// - Returns: false when the database was refused or the program ends, and nothing may be served.
    func mayServe() async -> Bool {
        let decided = await cancelWhenGracefulShutdown { await verdict.wait() }
        return decided == .mayListen
    }

    /// Whether the database has the schema of this program: until then no request may reach it.
    var isConfirmed: Bool { confirmation.value == true }

    /// Waits until the database has the schema of this program.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    func confirmed() async throws {
        guard await confirmation.wait() == true else { throw CancellationError() }
    }

    private func checkUntilAnswered() async throws {
        var pause = Duration.milliseconds(500)
        while true {
            do {
                if try await canConnect() {
                    if migrates { try await migrator.up() } else { try await migrator.verify() }
                    logger.debug("the database has the schema of this program")
                    confirmation.settle(true)
                    verdict.settle(.mayListen)
                    return
                }
                verdict.settle(.mayListen)
            } catch let error as MigrationError where error.code == .unavailable {
                // It could be reached just now: if it still can, it will answer.
                logger.warning("waiting for the database", metadata: ["error": "\(error)"])
            }
            let current = pause
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: current) }
            if Task.isShuttingDownGracefully { return }
            pause = min(pause * 2, .seconds(10))
        }
    }

    /// Whether the database accepts connections.
    ///
    /// The pools keep trying, so that a request to them takes its whole timeout to find out; a connection of its own
    /// fails as soon as it is refused.
    private func canConnect() async throws -> Bool {
        do {
            // A host that stays silent takes its whole timeout, which nobody waits for who wants the program to end.
            try await cancelWhenGracefulShutdown { try await client.withDedicatedConnection { _ in } }
            return true
        } catch let error as PostgresError where error.code == .cancelled {
            throw CancellationError()
        } catch let error as PostgresError where error.code != .configuration {
            logger.warning("waiting for the database", metadata: ["error": "\(error)"])
            return false
        }
    }
}
