import Synchronization

/// One request: what to send, and the task that waits for the answer.
///
/// A task that is cancelled is resumed at once and leaves its request behind as a tombstone: what was sent is still
/// answered by the server, in its turn, and the answer is thrown away, so that neighbours on the connection are right.
final class Request: Sendable {
    enum Kind: Sendable {
        /// Shares its sync point with neighbours.
        case read
        /// Has its own sync point, and so its own transaction.
        case write(idempotent: Bool)
        /// From BEGIN to COMMIT behind one sync point; nothing is sent behind it until it is answered.
        case transaction
        /// The first statement of a session's scope: binds the token.
        case sessionStart(SessionToken)
        /// A statement inside a session's scope.
        case session(SessionToken, endsTransaction: Bool)
        /// Several statements by the simple protocol inside a session's scope.
        case script(SessionToken, String)
    }

    private enum State {
        case new
        case awaited(UnsafeContinuation<Answer, Never>)
        case finished
    }

    let kind: Kind
    let operation: Operation
    /// The operations after the first, of a transaction.
    let following: [Operation]
    let deadline: MonotonicTime
    /// How often it was sent and lost, or refused for a reason that sending again cures.
    let attempts = Atomic<Int>(0)
    private let state = Mutex<State>(.new)

    init(_ kind: Kind, _ operation: Operation, following: [Operation] = [], deadline: MonotonicTime) {
        self.kind = kind
        self.operation = operation
        self.following = following
        self.deadline = deadline
    }

    /// Whether it counts against the bound on what waits: statements inside a scope don't, or a ROLLBACK could be
    /// refused.
    var isCounted: Bool {
        switch kind {
        case .read, .write, .transaction: true
        case .sessionStart, .session, .script: false
        }
    }

    var isFinished: Bool {
        state.withLock { state in
            if case .finished = state { true } else { false }
        }
    }

    /// Submits the request and waits for its answer.
    func answer(cancellable: Bool = true, submit: (Request) -> PostgresError?) async -> Answer {
        guard cancellable else { return await wait(submit) }
        return await withTaskCancellationHandler {
            await wait(submit)
        } onCancel: {
            finish(.failure(PostgresError(code: .cancelled, message: "the task was cancelled")))
        }
    }

    private func wait(_ submit: (Request) -> PostgresError?) async -> Answer {
        await withUnsafeContinuation { continuation in
            let isNew = state.withLock { state in
                guard case .new = state else { return false }
                state = .awaited(continuation)
                return true
            }
            guard isNew else {
                continuation.resume(
                    returning: .failure(PostgresError(code: .cancelled, message: "the task was cancelled"))
                )
                return
            }
            if let refusal = submit(self) {
                finish(.failure(refusal))
            }
        }
    }

    /// Resumes the waiting task; does nothing when it was resumed before.
    func finish(_ answer: Answer) {
        let continuation = state.withLock { state -> UnsafeContinuation<Answer, Never>? in
            defer { state = .finished }
            guard case .awaited(let continuation) = state else { return nil }
            return continuation
        }
        continuation?.resume(returning: answer)
    }
}
