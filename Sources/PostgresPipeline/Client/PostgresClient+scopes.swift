extension PostgresClient {
    /// Runs an interactive transaction on a connection that nobody else uses meanwhile.
    ///
    /// COMMIT when `body` returns, ROLLBACK when it throws or its task is cancelled. When the connection is lost
    /// before COMMIT was answered, throws `outcomeUnknown`. Of the connections for writes all but one can be inside
    /// transactions at a time; further ones wait for at most the request timeout.
    ///
    /// What `body` does with SET is undone afterwards. What it does to the session by other means, `set_config` and
    /// session-level advisory locks above all, is not: use a dedicated connection for that.
    public func transaction<Value: Sendable>(
        options: TransactionOptions = .init(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        try start()
        let timeout = configuration.requestTimeout
        let mailbox = try await leases.lease(timeout: timeout)
        let scope = ConnectionScope(on: mailbox, timeout: timeout)
        defer {
            scope.end()
            leases.giveBack(mailbox)
        }
        return try await scope.transaction(
            begin: { () async throws(PostgresError) in
                try await scope.start(Operation.opening(options))
            },
            isolation: isolation,
            { try await body(PostgresTransaction(scope: scope)) }
        )
    }

    /// Opens a connection for the length of a scope, for session-level advisory locks and migrations.
    ///
    /// It is never reconnected: when it is lost, so are its locks, and every later request on it throws
    /// `unavailable`. It has no `statement_timeout` unless one is given. More than
    /// ``PostgresConfiguration/maximumDedicated`` at a time are refused with `busy`.
    public func withDedicatedConnection<Value: Sendable>(
        statementTimeout: Duration = .zero,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let plan = try plan("dedicated", try connectionString.get(), statementTimeout, reconnects: false)
        guard dedicated.enter() else {
            throw PostgresError(code: .busy, message: "too many dedicated connections are open already")
        }
        defer { dedicated.leave() }
        let mailbox = Mailbox()
        // Leased until the scope ends, so that a shutdown lets it finish.
        _ = mailbox.lease()
        try startSatellite(mailbox, plan)
        let scope = ConnectionScope(on: mailbox, timeout: configuration.requestTimeout, isDedicated: true)
        let outcome: Result<Value, any Error>
        do {
            try await scope.start([.nothing])
            outcome = .success(try await body(PostgresConnection(scope: scope)))
        } catch {
            outcome = .failure(error)
        }
        scope.token.end()
        endSatellite(mailbox)
        await mailbox.waitForEnd()
        return try outcome.get()
    }
}
