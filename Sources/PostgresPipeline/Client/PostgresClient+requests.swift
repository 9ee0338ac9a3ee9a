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
        throw PostgresError(code: .closed, message: "the client was shut down")
    }

    /// Runs one statement that writes, as a transaction of its own; it is committed when this returns.
    ///
    /// When the connection is lost after it was sent, a write that is `idempotent` is tried once more; any other
    /// throws `outcomeUnknown`.
    public func write(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = [],
        idempotent: Bool = false
    ) async throws(PostgresError) -> PostgresResult {
        throw PostgresError(code: .closed, message: "the client was shut down")
    }

    /// Runs statements in one transaction, sent together: one round trip from BEGIN to COMMIT.
    ///
    /// Returns one result for each statement. The first that fails rolls all of them back and is what is thrown; a
    /// connection lost before COMMIT was answered throws `outcomeUnknown`.
    public func pipelinedTransaction(
        _ statements: [BoundStatement],
        options: TransactionOptions = .init()
    ) async throws(PostgresError) -> [PostgresResult] {
        throw PostgresError(code: .closed, message: "the client was shut down")
    }
}
