import CLibpq
import Logging
import Synchronization

extension ConnectionEngine {
    /// The connection is gone: says of every request what is known of it, and sees to the next connection.
    func lose(_ failure: ConnectionFailure) {
        guard connection != nil else { return }
        closeConnection()
        log(failure, "Postgres connection lost", isFirst: true)
        lastFailure = failure
        lostAt = now
        // At once: most often the server was restarted, or dropped this connection alone. But a session that ended as
        // soon as it had begun would do so again.
        let isShort = now < readySince.advanced(by: .seconds(1))
        link = plan.reconnects ? .down(until: isShort ? now.advanced(by: firstDelay) : now) : .over
        loseExpected(retry: plan.reconnects)
        loseScopes()
        plan.listening?.tell(.interrupted)
        passOnWaiting()
    }

    /// Answers what was sent, or puts it first in the queue again when that is safe.
    func loseExpected(retry: Bool) {
        var again = alone.removeAll()
        var last: Request?
        for entry in expected.removeAll() {
            // All that is expected for one request stands together.
            guard let request = entry.request, request !== last else { continue }
            let isFirst = last == nil
            last = request
            let mayRetry = retry && request.attempts.wrappingAdd(1, ordering: .relaxed).oldValue == 0
            if let error = loss(of: request, isFirst: isFirst, mayRetry: mayRetry) {
                answer(request, .failure(error))
            } else {
                again.append(request)
            }
        }
        for request in again where request.isCounted {
            plan.bound.enterAgain()
            request.holdPlace(in: plan.bound)
        }
        waiting.prepend(again)
        inFlight = 0
        isBarred = false
        isInTransaction = false
        isChanged = false
        needsFlush = false
        prepared.removeAll(keepingCapacity: true)
        stale.removeAll()
        generation = 0
        head = HeadState()
        group = GroupState()
    }

    /// What a request that was sent and not answered is told; `nil` when it is to be sent again.
    private func loss(of request: Request, isFirst: Bool, mayRetry: Bool) -> PostgresError? {
        // The server had refused it before it went away, and so undone it.
        if isFirst, let error = group.error { return error }
        switch request.kind {
        case .read, .scopeStart, .write(idempotent: true):
            return mayRetry ? nil : lossError()
        case .write(idempotent: false), .transaction, .script:
            return unknownOutcome()
        case .scoped(_, let endsTransaction):
            return isInTransaction && !endsTransaction ? sessionError() : unknownOutcome()
        case .scopeEnd:
            return sessionError()
        }
    }

    /// Refuses what waits for a session that is gone.
    private func loseScopes() {
        for request in waiting.removeAll() {
            switch request.kind {
            case .scoped, .script, .scopeEnd: refuse(request, sessionError())
            case .read, .write, .transaction, .scopeStart:
                if plan.reconnects { waiting.append(request) } else { refuse(request, lossError()) }
            }
        }
    }

    func lossError() -> PostgresError {
        let reason = lastFailure.map { ": \($0.reason)" } ?? " yet"
        return PostgresError(
            code: .unavailable,
            sqlState: lastFailure?.sqlState,
            message: "there is no connection to the database\(reason)"
        )
    }

    func sessionError() -> PostgresError {
        PostgresError(
            code: .unavailable,
            message: "the connection was lost, and with it the transaction or the locks it held"
        )
    }

    private func unknownOutcome() -> PostgresError {
        PostgresError(
            code: .outcomeUnknown,
            sqlState: lastFailure?.sqlState,
            message: "the connection was lost after the statement was sent and before it was answered"
        )
    }
}
