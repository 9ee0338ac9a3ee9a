extension PostgresClient {
    /// Runs an interactive transaction on a connection that nobody else uses meanwhile.
    ///
    /// COMMIT when `body` returns, ROLLBACK when it throws or its task is cancelled. When the connection is lost
    /// before COMMIT was answered, throws `outcomeUnknown`.
    public func transaction<Value: Sendable>(
        options: TransactionOptions = .init(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        throw PostgresError(code: .closed, message: "the client was shut down")
    }

    /// Opens a connection for the length of a scope, for session-level advisory locks and migrations.
    ///
    /// It is never reconnected: when it is lost, so are its locks, and every later request on it throws
    /// `unavailable`. It has no `statement_timeout` unless one is given.
    public func withDedicatedConnection<Value: Sendable>(
        statementTimeout: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        throw PostgresError(code: .closed, message: "the client was shut down")
    }

    /// Listens on channels, on a connection of its own that lasts as long as the sequence is iterated.
    ///
    /// Begins with `listening`; after a lost connection come `interrupted` and, when it is back, `listening`. A reader
    /// that falls 1024 events behind loses the oldest and is told `interrupted`. Ends when the client is shut down.
    public func notifications(
        on channels: [String]
    ) -> some AsyncSequence<PostgresNotificationEvent, Never> & Sendable {
        AsyncStream<PostgresNotificationEvent> { $0.finish() }
    }
}
