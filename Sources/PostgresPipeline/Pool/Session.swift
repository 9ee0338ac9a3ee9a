/// The requests of one scope on one connection that nobody else uses meanwhile.
struct Session: Sendable {
    let mailbox: Mailbox
    let token = SessionToken()
    /// `nil`: no bound, for connections that may wait for locks.
    let requestTimeout: Duration?

    init(on mailbox: Mailbox, requestTimeout: Duration?) {
        self.mailbox = mailbox
        self.requestTimeout = requestTimeout
    }

    /// Sends what the scope begins with; waits for the connection if it is down.
    func start(_ operations: [Operation], timeout: Duration) async throws(PostgresError) {
        guard let first = operations.first else { return }
        let deadline = MonotonicTime.now.advanced(by: timeout)
        let following = Array(operations.dropFirst())
        _ = try await perform(Request(.sessionStart(token), first, following: following, deadline: deadline))
    }

    func query(_ bound: BoundStatement) async throws(PostgresError) -> PostgresResult {
        let request = Request(
            .session(token, endsTransaction: false),
            try Operation(bound),
            deadline: deadline
        )
        return try await perform(request)
    }

    func execute(script: String) async throws(PostgresError) {
        _ = try await perform(Request(.script(token, script), .nothing, deadline: deadline))
    }

    /// Commits, whether or not the task is cancelled meanwhile: the caller learns what became of it.
    func commit() async throws(PostgresError) {
        let request = Request(.session(token, endsTransaction: true), .commit, deadline: deadline)
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

    /// Rolls back, whatever it takes: until it is answered the connection is of no use to anybody.
    func rollBack() async {
        let request = Request(.session(token, endsTransaction: false), .rollback, deadline: .never)
        // A failure means that the connection is gone, which rolls back as well.
        _ = try? await perform(request, cancellable: false)
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
        try await commit()
        return value
    }

    private var deadline: MonotonicTime {
        requestTimeout.map { .now.advanced(by: $0) } ?? .never
    }

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
