public import Logging
public import PostgresPipeline
public import Sessions

/// Takes live sessions over from the tables of another system.
///
/// The source is only read, over a connection that refuses to write. Each session is taken over once, whatever becomes
/// of it here and however often, or from how many places at once, an import runs: the audit trail remembers it. After
/// an interruption just start it again.
///
/// Holders keep the cookie that they have: ids are stored as digests, and
/// `ServerSettings.documentedSessionCookieName` tells the server which cookie to look for.
public struct SessionImporter: Sendable {
    private let source: PostgresClient
    private let store: PostgresSessionStore
    private let policy: SessionPolicy
    private let logger: Logger

    /// An importer.
    /// - Parameters:
    ///   - source: Where the other system's tables are; its user needs SELECT on them and nothing else.
    ///   - store: Where the sessions go.
    ///   - policy: Lifetimes and the limit per user.
    ///   - logger: Gets a line for an import, and nothing secret.
    public init(source: PostgresClient, store: PostgresSessionStore, policy: SessionPolicy, logger: Logger) {
        self.source = source
        self.store = store
        self.policy = policy
        self.logger = logger
    }

    /// Runs an import, or counts what it would do.
    ///
    /// - Parameter onProgress: told the counts so far after each batch.
    /// - Throws: ``ImportError`` about the source, `SessionError` about the store.
    public func run(
        _ plan: ImportPlan,
        onProgress: @Sendable (ImportReport) -> Void = { _ in }
    ) async throws -> ImportReport {
        let shape = SourceShape.of(plan.system)
        try check(plan, shape)
        var report = try await reading {
            try await source.withDedicatedConnection(statementTimeout: .seconds(300)) { connection in
                try await prepare(connection, plan)
                let query = try await query(plan, shape, connection)
                return try await copy(plan, SessionMapping(plan: plan, shape: shape), query, connection, onProgress)
            }
        }
        if !plan.isDryRun, report.imported > 0, policy.enforceSessionLimits {
            report.overLimit = try await enforceLimits()
        }
        logger.info(
            "Sessions imported",
            metadata: [
                "system": "\(plan.system.name)", "imported": .stringConvertible(report.imported),
                "read": .stringConvertible(report.read),
            ]
        )
        return report
    }

    private func check(_ plan: ImportPlan, _ shape: SourceShape) throws(ImportError) {
        if plan.issuer.isEmpty { throw ImportError(.invalidPlan, "the issuer of the users is needed") }
        if plan.table == nil, shape.tables.isEmpty {
            throw ImportError(.tableNeeded, "the name of the table is needed: \(plan.system.name) has no usual one")
        }
        if let tenant = policy.tenantID, tenant != plan.tenantID {
            throw ImportError(.invalidPlan, "this process has sessions of tenant \(tenant.debugDescription) only")
        }
        if shape.isIDSecret, plan.hasRandomIDs {
            throw ImportError(
                .invalidPlan,
                "the ids of \(plan.system.name) are secrets, nothing has to be said about them"
            )
        }
        if shape.accounts == nil, plan.provider != nil || plan.accountTable != nil {
            throw ImportError(.invalidPlan, "\(plan.system.name) has no accounts: its user ids are the subjects")
        }
    }

    private static let setTimeZone = PostgresStatement(
        "SELECT set_config('TimeZone', $1, false)",
        parameters: [.text]
    )

    private func prepare(_ connection: PostgresConnection, _ plan: ImportPlan) async throws {
        // Whatever the tables are, views with functions behind them too: nothing is written.
        try await connection.execute(script: "SET default_transaction_read_only = on")
        do {
            try await connection.query(Self.setTimeZone, [.text(plan.timeZone)])
        } catch {
            guard error.sqlState == "22023" else { throw error }
            throw ImportError(.timeZone, "the source's database knows no time zone \(plan.timeZone)")
        }
    }

    private func query(
        _ plan: ImportPlan,
        _ shape: SourceShape,
        _ connection: PostgresConnection
    ) async throws -> SourceQuery {
        let names = plan.table.map { [$0] } ?? shape.tables.map { TableName(name: $0) }
        let missing: ImportError.Code = plan.table == nil ? .noUsualTable : .noTable
        let table = try await SourceTable.find(names, orThrow: missing, on: connection)
        // Auth.js's and Better Auth's tables may bear our own table's name.
        guard table.column("sealKeyId") == nil else {
            throw ImportError(
                .wrongTable,
                "\(table.name) is this program's own table: `migrate up` takes the documented one over where it is"
            )
        }
        var accounts: (shape: SourceShape.AccountShape, table: SourceTable)?
        if let accountShape = shape.accounts, plan.provider != nil {
            // Beside the sessions, unless it is said where.
            let beside = accountShape.tables.map { TableName(schema: table.name.schema, name: $0) }
            let names = plan.accountTable.map { [$0] } ?? beside
            let accountTable = try await SourceTable.find(names, orThrow: .noAccountTable, on: connection)
            try await checkProvider(plan, accountShape, accountTable, connection)
            accounts = (accountShape, accountTable)
        }
        return try SourceQuery(shape: shape, table: table, accounts: accounts)
    }

    /// Refuses a provider of which there is no account while there are others: a mistyped name would import nothing.
    private func checkProvider(
        _ plan: ImportPlan,
        _ shape: SourceShape.AccountShape,
        _ table: SourceTable,
        _ connection: PostgresConnection
    ) async throws {
        let column = try table.requiredColumn(shape.provider)
        let providers = SourceQuery.providers(in: table, column: column)
        let isKnown = try await connection.query(providers.isThere, [.text(plan.provider)]).first?.bool(0) ?? false
        guard !isKnown else { return }
        let others = try await connection.query(providers.all).decode { try $0.text(0) }
        guard !others.isEmpty else { return }
        let list = others.map { String($0.prefix(64)) }.joined(separator: ", ")
        throw ImportError(.noProvider, "no account in \(table.name) is of \(plan.provider ?? ""); there are: \(list)")
    }

    private func copy(
        _ plan: ImportPlan,
        _ mapping: SessionMapping,
        _ query: SourceQuery,
        _ connection: PostgresConnection,
        _ onProgress: @Sendable (ImportReport) -> Void
    ) async throws -> ImportReport {
        var report = ImportReport()
        report.isDryRun = plan.isDryRun
        report.total = Int(try await connection.query(query.count).first?.int8(0) ?? 0)
        let size = max(plan.batchSize, 1)
        var values: [PostgresValue] = [.int8(Int64(size)), .text(plan.provider)]
        var isFirst = true
        while true {
            try Task.checkCancellation()
            let result = try await connection.query(isFirst ? query.first : query.next, values)
            let rows = try (0..<result.rowCount).map { try SourceRow(result[$0]) }
            try await adopt(rows, plan, mapping, into: &report)
            onProgress(report)
            guard rows.count == size, let last = rows.last else { return report }
            values = [.int8(Int64(size)), .text(plan.provider), .text(last.key)]
            isFirst = false
        }
    }

    private func adopt(
        _ rows: [SourceRow],
        _ plan: ImportPlan,
        _ mapping: SessionMapping,
        into report: inout ImportReport
    ) async throws {
        var sessions: [AdoptedSession] = []
        for row in rows {
            switch mapping.outcome(row) {
            case .session(let session, let withoutTokens):
                sessions.append(session)
                if withoutTokens { report.withoutTokens += 1 }
            case .expired: report.expired += 1
            case .revoked: report.revoked += 1
            case .anonymous: report.anonymous += 1
            case .problem(let problem): report.add(problem, user: row.user)
            }
        }
        let adoption = try await store.adopt(
            sessions,
            tenantID: plan.tenantID,
            source: plan.system.name,
            policy: policy,
            isDryRun: plan.isDryRun
        )
        report.read += rows.count
        report.imported += adoption.adopted
        report.known += adoption.known
        report.expired += adoption.ended
    }

    /// The cleaner's way: users of whom there are too many sessions keep the newest.
    ///
    /// When somebody else is cleaning just now, the next login or the daily job does it.
    private func enforceLimits() async throws -> Int {
        var request = CleanupRequest.nothing
        request.maximumSessionsPerUser = policy.maximumSessionsPerUser
        let manager = SessionManager(store: store, policy: policy, logger: logger)
        return try await manager.cleanUp(request).limitedSessions
    }

    private func reading<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError {
            throw ImportError(error)
        }
    }
}
