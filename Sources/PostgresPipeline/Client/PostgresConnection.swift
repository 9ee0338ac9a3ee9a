/// A connection of one's own, valid inside the scope of
/// ``PostgresClient/withDedicatedConnection(statementTimeout:isolation:_:)``.
///
/// A lost connection is reported as `unavailable` when a transaction was open, and as `outcomeUnknown` otherwise,
/// since the statement was a transaction of its own.
public struct PostgresConnection: Sendable {
    private static let tryLock = PostgresStatement("SELECT pg_try_advisory_lock($1)", parameters: [.int8])
    private static let lock = PostgresStatement("SELECT pg_advisory_lock($1)", parameters: [.int8])
    private static let unlock = PostgresStatement("SELECT pg_advisory_unlock($1)", parameters: [.int8])

    let scope: ConnectionScope

    /// Runs one statement.
    @discardableResult
    public func query(_ statement: BoundStatement) async throws(PostgresError) -> PostgresResult {
        try await scope.query(try Operation(statement))
    }

    /// Runs one statement.
    @discardableResult
    public func query(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = []
    ) async throws(PostgresError) -> PostgresResult {
        try await scope.query(try Operation(statement, values))
    }

    /// Runs a script of several statements by the simple protocol.
    ///
    /// Without BEGIN in it, the whole script is one transaction. The first error ends it; a script that had opened a
    /// transaction itself leaves it open and failed, for a ROLLBACK by the caller.
    public func execute(script: String) async throws(PostgresError) {
        try await scope.execute(script: script)
    }

    /// Runs `body` between BEGIN and COMMIT; ROLLBACK when it throws or its task is cancelled.
    public func transaction<Value: Sendable>(
        options: TransactionOptions = .init(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Value
    ) async throws -> Value {
        try await scope.transaction(
            begin: { () async throws(PostgresError) in
                for operation in Operation.opening(options) {
                    try await scope.query(operation)
                }
            },
            isolation: isolation,
            body
        )
    }

    /// Takes a session-level advisory lock if it is free; it is held until unlocked or until the scope ends.
    public func tryAdvisoryLock(_ key: Int64) async throws(PostgresError) -> Bool {
        try await boolean(Self.tryLock, key)
    }

    /// Waits for a session-level advisory lock; it is held until unlocked or until the scope ends.
    public func advisoryLock(_ key: Int64) async throws(PostgresError) {
        try await query(Self.lock, [.int8(key)])
    }

    /// Gives a session-level advisory lock back; `false` when this connection did not hold it.
    @discardableResult
    public func advisoryUnlock(_ key: Int64) async throws(PostgresError) -> Bool {
        try await boolean(Self.unlock, key)
    }

    private func boolean(_ statement: PostgresStatement, _ key: Int64) async throws(PostgresError) -> Bool {
        guard let row = try await query(statement, [.int8(key)]).first else {
            throw PostgresError(code: .decoding, message: "the server sent no row")
        }
        return try row.bool(0)
    }
}
