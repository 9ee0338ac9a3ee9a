/// A connection of one's own, valid inside the scope of
/// ``PostgresClient/withDedicatedConnection(statementTimeout:isolation:_:)``.
public struct PostgresConnection: Sendable {
    /// Runs one statement.
    @discardableResult
    public func query(_ statement: BoundStatement) async throws(PostgresError) -> PostgresResult {
        throw PostgresError(code: .closed, message: "the client was shut down")
    }

    /// Runs one statement.
    @discardableResult
    public func query(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = []
    ) async throws(PostgresError) -> PostgresResult {
        try await query(BoundStatement(statement, values))
    }

    /// Runs a script of several statements by the simple protocol.
    ///
    /// Without BEGIN in it, the whole script is one transaction. The first error ends it.
    public func execute(script: String) async throws(PostgresError) {
        throw PostgresError(code: .closed, message: "the client was shut down")
    }

    /// Runs `body` between BEGIN and COMMIT; ROLLBACK when it throws.
    public func transaction<Value: Sendable>(
        options: TransactionOptions = .init(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Value
    ) async throws -> Value {
        throw PostgresError(code: .closed, message: "the client was shut down")
    }

    /// Takes a session-level advisory lock if it is free; it is held until unlocked or until the scope ends.
    public func tryAdvisoryLock(_ key: Int64) async throws(PostgresError) -> Bool {
        throw PostgresError(code: .closed, message: "the client was shut down")
    }

    /// Waits for a session-level advisory lock; it is held until unlocked or until the scope ends.
    public func advisoryLock(_ key: Int64) async throws(PostgresError) {
        throw PostgresError(code: .closed, message: "the client was shut down")
    }

    /// Gives a session-level advisory lock back; `false` when this connection did not hold it.
    @discardableResult
    public func advisoryUnlock(_ key: Int64) async throws(PostgresError) -> Bool {
        throw PostgresError(code: .closed, message: "the client was shut down")
    }
}
