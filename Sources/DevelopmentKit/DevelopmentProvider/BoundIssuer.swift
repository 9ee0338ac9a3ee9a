/// The issuer, which is known only when the port is.
actor BoundIssuer {
    private enum State {
        case unknown([Int: CheckedContinuation<String, any Error>])
        case known(Result<String, any Error>)
    }

    private var state = State.unknown([:])
    private var nextWaiter = 0

    /// The issuer, as soon as it is known; throws when the provider can't start, or the waiting task is cancelled.
    var value: String {
        get async throws {
            switch state {
            case .known(let result): return try result.get()
            case .unknown:
                let waiter = nextWaiter
                nextWaiter += 1
                return try await withTaskCancellationHandler {
                    try await withCheckedThrowingContinuation { wait(waiter, $0) }
                } onCancel: {
                    Task { await self.abandon(waiter) }
                }
            }
        }
    }

    /// The first announcement counts.
    func announce(_ result: Result<String, any Error>) {
        guard case .unknown(let waiters) = state else { return }
        state = .known(result)
        for waiter in waiters.values { waiter.resume(with: result) }
    }

    private func wait(_ waiter: Int, _ continuation: CheckedContinuation<String, any Error>) {
        switch state {
        case .known(let result): continuation.resume(with: result)
        // The task that would abandon this waiter may have run before it came here.
        case .unknown where Task.isCancelled: continuation.resume(throwing: CancellationError())
        case .unknown(var waiters):
            waiters[waiter] = continuation
            state = .unknown(waiters)
        }
    }

    private func abandon(_ waiter: Int) {
        guard case .unknown(var waiters) = state, let continuation = waiters.removeValue(forKey: waiter) else { return }
        state = .unknown(waiters)
        continuation.resume(throwing: CancellationError())
    }
}
