import Synchronization

/// A task that waits for a connection of its own.
final class LeaseWaiter: Sendable {
    typealias Outcome = Result<Mailbox, PostgresError>

    private enum State {
        case new
        case awaited(UnsafeContinuation<Outcome, Never>)
        case finished(Outcome)
    }

    private let state = Mutex<State>(.new)

    func outcome() async -> Outcome {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let known = state.withLock { state -> Outcome? in
                    if case .finished(let outcome) = state { return outcome }
                    state = .awaited(continuation)
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            _ = finish(.failure(PostgresError(code: .cancelled, message: "the task was cancelled")))
        }
    }

    /// Ends the wait; `false` when it had ended before, and a connection offered is not taken.
    func finish(_ outcome: Outcome) -> Bool {
        let (isFirst, continuation) = state.withLock { state -> (Bool, UnsafeContinuation<Outcome, Never>?) in
            switch state {
            case .finished: return (false, nil)
            case .new:
                state = .finished(outcome)
                return (true, nil)
            case .awaited(let continuation):
                state = .finished(outcome)
                return (true, continuation)
            }
        }
        continuation?.resume(returning: outcome)
        return isFirst
    }
}
