public import Logging
public import PostgresPipeline

/// Brings a database to the schema that the program was written for, and says where it stands.
///
/// - Each file is one transaction, together with its row in `schema_migrations`: it is applied and recorded, or neither.
///   A statement that Postgres refuses inside a transaction (`CREATE INDEX CONCURRENTLY`) can't be in a file.
/// - Replicas that start together take turns through an advisory lock, held for one file at a time; each reads the
///   history again once it holds the lock, so every file is applied once.
/// - Files don't change after they were applied: their SHA-256 is compared on every run.
///
/// ```swift
/// let migrator = Migrator(client: client, source: try .embedded(), logger: logger)
/// for migration in try await migrator.up() { print("applied", migration.name) }
/// ```
public struct Migrator: Sendable {
    /// How long to wait for what.
    public struct Options: Sendable {
        /// How long to wait for another process that is migrating the same database.
        public var lockWait: Duration = .seconds(600)

        /// How long one statement of a file may wait for a table that others use.
        ///
        /// Short, because everybody who comes after a waiting `ALTER TABLE` waits as well.
        public var tableLockWait: Duration = .seconds(10)

        /// How often a file is tried that could not get a table's lock or was the victim of a deadlock.
        public var attempts = 5

        /// How long one statement of a file may run; nil sets no limit, a large table takes its time.
        public var statementTimeout: Duration?

        /// The defaults: ten minutes for another process, ten seconds for a table, five attempts, no statement limit.
        public init() {}
    }

    let client: PostgresClient
    let source: MigrationSource
    let options: Options
    let logger: Logger

    /// A runner for one database; nothing is read or written before one of its functions is called.
    ///
    /// - Parameters:
    ///   - client: a running client. ``up()`` opens one connection of its own.
    ///   - source: the files.
    ///   - options: how long to wait.
    ///   - logger: gets one line for each applied file and one when it waits for another process.
    public init(client: PostgresClient, source: MigrationSource, options: Options = .init(), logger: Logger) {
        self.client = client
        self.source = source
        self.options = options
        self.logger = logger
    }

    /// Applies what is pending.
    ///
    /// - Returns: the files that this call applied, in order; empty when there was nothing to do.
    /// - Throws: ``MigrationError``. Files before the failing one stay applied, the failing one leaves no trace.
    @discardableResult
    public func up() async throws -> [AppliedMigration] {
        do {
            return try await client.withDedicatedConnection { connection in
                try await MigrationRun(connection: connection, source: source, options: options, logger: logger).run()
            }
        } catch let error as PostgresError {
            throw MigrationError(connection: error)
        }
    }

    /// Every migration that the files or the history know, in order.
    ///
    /// Changes nothing, not even the history table.
    ///
    /// - Throws: ``MigrationError`` with the code `unavailable` or `foreignHistory`.
    public func status() async throws -> [MigrationStatus] {
        MigrationPlan(files: source.files, history: try await history()).statuses
    }

    /// Checks that all files are applied, unchanged, and nothing else is.
    ///
    /// Changes nothing.
    ///
    /// - Throws: ``MigrationError``: `pending` with the files that wait, or what contradicts the history.
    public func verify() async throws {
        let pending = try MigrationPlan(files: source.files, history: try await history()).pending()
        guard let first = pending.first else { return }
        let others = pending.count == 1 ? "" : " and \(pending.count - 1) more"
        throw MigrationError(
            .pending,
            "\(first.fileName)\(others) must be applied to the database first",
            fileName: first.fileName
        )
    }

    private func history() async throws -> [AppliedMigration] {
        do {
            try MigrationError.check(encoding: try await client.read(MigrationStatements.encoding))
            let columns = try await client.read(MigrationStatements.historyColumns).decode { try $0.text(0) }
            guard try MigrationHistory.isPresent(columns: columns) else { return [] }
            return try await client.read(MigrationStatements.readHistory).decode(AppliedMigration.init(row:))
        } catch let error as PostgresError {
            throw MigrationError(connection: error)
        }
    }
}
