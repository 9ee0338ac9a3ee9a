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
        /// The first statement of a scope: binds the token.
        case scopeStart(ScopeToken)
        /// A statement inside a scope.
        case scoped(ScopeToken, endsTransaction: Bool)
        /// Several statements by the simple protocol inside a scope.
        case script(ScopeToken, String)
        /// The end of a scope on a pooled connection: what it left behind is cleaned up before anybody else's turn.
        /// Nobody waits for its answer.
        case scopeEnd(ScopeToken)
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
    /// Where it holds a place while it waits to be sent.
    private let place = Mutex<QueueBound?>(nil)

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
        case .scopeStart, .scoped, .script, .scopeEnd: false
        }
    }

    /// One of its operations, counted from 0.
    func operation(at index: Int) -> Operation? {
        if index == 0 { return operation }
        return index <= following.count ? following[index - 1] : nil
    }

    /// Whether it is sent only when everything sent before it was answered: nothing of others, nor anything that they
    /// have to send again, may come to run between a scope's statements.
    var needsQuiet: Bool {
        switch kind {
        case .scopeStart, .scopeEnd, .script: true
        case .read, .write, .transaction, .scoped: false
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

    /// Remembers that it holds a place, given back when it is sent or finished, whichever comes first.
    func holdPlace(in bound: QueueBound) {
        place.withLock { $0 = bound }
        // A task may be cancelled at any moment; what came in between gave nothing back.
        if isFinished { leavePlace() }
    }

    /// Gives its place back, if it holds one.
    func leavePlace() {
        let bound = place.withLock { place in
            defer { place = nil }
            return place
        }
        bound?.leave()
    }

    /// Resumes the waiting task; does nothing when it was resumed before.
    func finish(_ answer: Answer) {
        let continuation = state.withLock { state -> UnsafeContinuation<Answer, Never>? in
            defer { state = .finished }
            guard case .awaited(let continuation) = state else { return nil }
            return continuation
        }
        leavePlace()
        continuation?.resume(returning: answer)
    }
}
