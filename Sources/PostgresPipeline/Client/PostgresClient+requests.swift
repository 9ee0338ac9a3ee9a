extension PostgresClient {
    /// Runs one statement that only reads.
    ///
    /// It may share its sync point with neighbours, whose failures don't touch it, and is tried once more when its
    /// connection is lost: a statement that writes must not be sent this way.
    public func read(
        _ statement: PostgresStatement,
        _ values: PostgresValue...
    ) async throws(PostgresError) -> PostgresResult {
        try await read(statement, values)
    }

    /// Runs one statement that only reads, with its values in an array.
    public func read(
        _ statement: PostgresStatement,
        _ values: [PostgresValue]
    ) async throws(PostgresError) -> PostgresResult {
        try start()
        let request = Request(.read, try Operation(statement, values), deadline: deadline)
        return try await perform(request, reads)
    }

    /// Runs one statement that writes, as a transaction of its own; it is committed when this returns.
    ///
    /// When the connection is lost after it was sent, a write that is `idempotent` is tried once more; any other
    /// throws `outcomeUnknown`.
    @discardableResult
    public func write(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = [],
        idempotent: Bool = false
    ) async throws(PostgresError) -> PostgresResult {
        try start()
        let operation = try Operation(statement, values)
        let request = Request(.write(idempotent: idempotent), operation, deadline: deadline)
        return try await perform(request, writes)
    }

    /// Runs statements in one transaction, sent together: one round trip from BEGIN to COMMIT.
    ///
    /// Returns one result for each statement. The first that fails rolls all of them back and is what is thrown; a
    /// connection lost before COMMIT was answered throws `outcomeUnknown`.
    @discardableResult
    public func pipelinedTransaction(
        _ statements: [BoundStatement],
        options: TransactionOptions = .init()
    ) async throws(PostgresError) -> [PostgresResult] {
        guard !statements.isEmpty else { return [] }
        try start()
        let opening = Operation.opening(options)
        var operations = opening
        for statement in statements { operations.append(try Operation(statement)) }
        operations.append(.commit)
        let request = Request(
            .transaction,
            operations[0],
            following: Array(operations.dropFirst()),
            deadline: deadline
        )
        let answer = await request.answer { writes.submit($0) }
        switch answer {
        case .results(let results): return Array(results.dropFirst(opening.count).dropLast())
        case .result: return []
        case .failure(let error): throw error.counted(for: request)
        }
    }

    private var deadline: MonotonicTime {
        .now.advanced(by: configuration.requestTimeout)
    }

    private func perform(_ request: Request, _ pool: ConnectionPool) async throws(PostgresError) -> PostgresResult {
        let answer = await request.answer { pool.submit($0) }
        switch answer {
        case .result(let result): return result
        case .results: return .empty
        case .failure(let error): throw error.counted(for: request)
        }
    }
}

extension PostgresError {
    /// Counts the error, and attaches the statement's text for `debugDescription`.
    func counted(for request: Request) -> PostgresError {
        ConnectionMetrics.count(self)
        var error = self
        if case .script(_, let script) = request.kind {
            error.sql = script
        } else {
            error.sql = ([request.operation] + request.following).map(\.statement.sql).joined(separator: "; ")
        }
        return error
    }
}
