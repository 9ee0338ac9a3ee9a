/// The requests of one scope on one connection that nobody else uses meanwhile.
struct ConnectionScope: Sendable {
    let mailbox: Mailbox
    let token = ScopeToken()
    /// How long BEGIN and ROLLBACK may take, and on a pooled connection every statement.
    let timeout: Duration
    /// A connection of one's own, which may wait for locks, and ends with its scope.
    let isDedicated: Bool

    init(on mailbox: Mailbox, timeout: Duration, isDedicated: Bool = false) {
        self.mailbox = mailbox
        self.timeout = timeout
        self.isDedicated = isDedicated
    }

    /// Sends what the scope begins with; waits for the connection if it is down.
    func start(_ operations: [Operation]) async throws(PostgresError) {
        guard let first = operations.first else { return }
        let following = Array(operations.dropFirst())
        try await perform(Request(.scopeStart(token), first, following: following, deadline: soon))
    }

    /// Ends the scope on a pooled connection: what it left behind is cleaned up before anybody else's turn.
    func end() {
        token.end()
        // Refused only when the client was stopped, and the connection with it.
        _ = mailbox.submit(Request(.scopeEnd(token), .nothing, deadline: .never))
    }

    @discardableResult
    func query(_ operation: Operation) async throws(PostgresError) -> PostgresResult {
        try await perform(Request(.scoped(token, endsTransaction: false), operation, deadline: deadline))
    }

    func execute(script: String) async throws(PostgresError) {
        guard !script.utf8.contains(0) else {
            throw PostgresError(code: .invalidArguments, message: "the script has a NUL character")
        }
        try await perform(Request(.script(token, script), .nothing, deadline: deadline))
    }

    /// Commits, whether or not the task is cancelled meanwhile: the caller learns what became of it.
    func commit() async throws(PostgresError) {
        let request = Request(.scoped(token, endsTransaction: true), .commit, deadline: deadline)
        let result = try await perform(request, cancellable: false)
        // The server answers a COMMIT after a failed statement with ROLLBACK, and calls that a success.
        guard result.commandTag == "COMMIT" else {
            throw PostgresError(
                code: .server,
                sqlState: "25P02",
                message: "a statement of the transaction had failed, and all of it was rolled back"
            )
        }
    }

    /// Rolls back, whether or not the task is cancelled.
    ///
    /// When that fails the connection is gone, which rolls back as well, or ``end()`` sees to it. A connection of one's
    /// own is closed, before its owner's next statement runs in a transaction that should have ended.
    func rollBack() async {
        let request = Request(.scoped(token, endsTransaction: false), .rollback, deadline: soon)
        do {
            try await perform(request, cancellable: false)
        } catch {
            if isDedicated, error.code != .unavailable { mailbox.close(.stopped) }
        }
    }

    /// Begins a transaction, runs `body` in it, and commits or rolls back.
    func transaction<Value: Sendable>(
        begin: () async throws(PostgresError) -> Void,
        isolation: isolated (any Actor)?,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let value: Value
        do {
            try await begin()
            value = try await body()
            if Task.isCancelled { throw PostgresError(code: .cancelled, message: "the task was cancelled") }
        } catch {
            await rollBack()
            throw error
        }
        do {
            try await commit()
        } catch {
            if isDedicated { await rollBack() }
            throw error
        }
        return value
    }

    private var soon: MonotonicTime { .now.advanced(by: timeout) }

    private var deadline: MonotonicTime { isDedicated ? .never : soon }

    @discardableResult
    private func perform(_ request: Request, cancellable: Bool = true) async throws(PostgresError) -> PostgresResult {
        guard !token.isEnded else { throw PostgresError(code: .closed, message: "the scope has ended") }
        let answer = await request.answer(cancellable: cancellable) { request in
            guard mailbox.submit(request) != nil else { return nil }
            return PostgresError(code: .closed, message: "the client was shut down")
        }
        switch answer {
        case .result(let result): return result
        case .results(let results):
            // Scripts and openings answer with none or several; nobody reads them.
            return results.last ?? .empty
        case .failure(let error): throw error.counted(for: request)
        }
    }
}
