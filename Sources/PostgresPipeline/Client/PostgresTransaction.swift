/// An open transaction, valid inside the scope that ``PostgresClient/transaction(options:isolation:_:)`` gave it to.
public struct PostgresTransaction: Sendable {
    let scope: ConnectionScope

    /// Runs one statement inside the transaction; after a failure every further one fails with SQLSTATE 25P02.
    @discardableResult
    public func query(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = []
    ) async throws(PostgresError) -> PostgresResult {
        try await scope.query(try Operation(statement, values))
    }
}
