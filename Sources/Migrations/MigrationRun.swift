import Logging
import PostgresPipeline

/// One `up`, on a connection of its own.
struct MigrationRun {
    /// One number for every program that keeps its history in `schema_migrations`: the ASCII codes of "migrates".
    static let lockKey: Int64 = 0x6d69_6772_6174_6573

    let connection: PostgresConnection
    let source: MigrationSource
    let options: Migrator.Options
    let logger: Logger

    /// Applies file after file until none is pending.
    func run() async throws -> [AppliedMigration] {
        try MigrationError.check(encoding: try await connection.query(MigrationStatements.encoding))
        var applied: [AppliedMigration] = []
        var attempt = 1
        while true {
            do {
                guard let migration = try await applyNext() else { return applied }
                logger.info("applied migration \(migration.version)_\(migration.name)")
                applied.append(migration)
                attempt = 1
            } catch let error as MigrationError where error.isWorthAnotherAttempt && attempt < options.attempts {
                logger.notice("\(error.message); trying again")
                try await Task.sleep(for: .seconds(attempt))
                attempt += 1
            }
        }
    }

    /// One transaction: lock, look, apply, record.
    ///
    /// Nil when nothing is pending.
    private func applyNext() async throws -> AppliedMigration? {
        try await connection.execute(script: MigrationStatements.begin)
        do {
            try await takeLock()
            let migration = try await applyFirstPending()
            try await connection.execute(script: "COMMIT")
            return migration
        } catch {
            // The first error is the one to report; a connection that can't even roll back is closed by the scope.
            try? await connection.execute(script: "ROLLBACK")
            throw error
        }
    }

    private func takeLock() async throws {
        try await set("statement_timeout", .zero)
        try await set("idle_in_transaction_session_timeout", .zero)
        try await set("lock_timeout", options.lockWait)
        let key = PostgresValue.int8(Self.lockKey)
        if try await first(MigrationStatements.tryLock, [key]).bool(0) { return }
        logger.notice("another process is migrating this database, waiting for it")
        do throws(PostgresError) {
            try await connection.query(MigrationStatements.lock, [key])
        } catch {
            guard error.sqlState == SQLState.lockNotAvailable else { throw error }
            throw MigrationError(
                .unavailable,
                "another process has been migrating this database for \(options.lockWait)",
                sqlState: error.sqlState,
                underlying: error
            )
        }
    }

    private func applyFirstPending() async throws -> AppliedMigration? {
        let columns = try await connection.query(MigrationStatements.historyColumns)
        if try !MigrationHistory.isPresent(columns: columns.decode { try $0.text(0) }) {
            try await executeNamingFailure(MigrationStatements.createHistory, fileName: nil)
        }
        let rows = try await connection.query(MigrationStatements.readHistory)
        let history = try rows.decode(AppliedMigration.init(row:))
        guard let file = try MigrationPlan(files: source.files, history: history).pending().first else { return nil }
        return try await apply(file)
    }

    private func apply(_ file: MigrationFile) async throws -> AppliedMigration {
        for table in source.adopting where table.introducedBy == file.version {
            try await check(table, before: file)
        }
        try await set("lock_timeout", options.tableLockWait)
        try await set("statement_timeout", options.statementTimeout ?? .zero)
        let transaction = try await first(MigrationStatements.transactionID).int8(0)
        try await executeNamingFailure(file.script, fileName: file.fileName)
        guard try await first(MigrationStatements.transactionID).int8(0) == transaction else {
            throw MigrationError(
                .endedTransaction,
                "\(file.fileName) ends its transaction: take COMMIT and ROLLBACK out, and check what it has left behind",
                fileName: file.fileName
            )
        }
        let values: [PostgresValue] = [.int4(file.version), .text(file.name), .text(file.checksum)]
        return try AppliedMigration(row: try await first(MigrationStatements.recordApplied, values))
    }

    private func check(_ table: AdoptedTable, before file: MigrationFile) async throws {
        let rows = try await connection.query(MigrationStatements.describeTable, [.text(table.name)])
        guard rows.rowCount > 0 else { return }
        let found = AdoptedTable.Found(
            isOrdinaryTable: try rows[0].bool(0),
            columns: try rows.decode { row in
                AdoptedTable.Found.Column(
                    name: try row.text(1),
                    type: try row.text(2),
                    isPrimaryKey: try row.bool(3),
                    needsValue: try row.bool(4)
                )
            }
        )
        if let objection = table.objection(to: found) {
            throw MigrationError(
                .unexpectedTable,
                "the database already has a table \(table.name.quotedForPeople) that \(file.fileName) cannot take over:"
                    + " \(objection); rename it, or use another database or schema",
                fileName: file.fileName
            )
        }
        logger.info("taking over the table \(table.name) that is there already")
    }

    private func executeNamingFailure(_ script: String, fileName: String?) async throws {
        do throws(PostgresError) {
            try await connection.execute(script: script)
        } catch {
            // A server that shuts down has nothing against the file.
            guard error.sqlState != nil, error.sqlState?.hasPrefix("57P") == false else { throw error }
            throw MigrationError(failed: error, fileName: fileName)
        }
    }

    private func set(_ name: String, _ duration: Duration) async throws {
        let milliseconds = duration / .milliseconds(1)
        let values: [PostgresValue] = [.text(name), .text("\(Int64(milliseconds.rounded(.up)))ms")]
        try await connection.query(MigrationStatements.setLocal, values)
    }

    private func first(_ statement: PostgresStatement, _ values: [PostgresValue] = []) async throws -> PostgresRow {
        guard let row = try await connection.query(statement, values).first else {
            throw MigrationError(.failed, "the server answered without a row")
        }
        return row
    }
}
