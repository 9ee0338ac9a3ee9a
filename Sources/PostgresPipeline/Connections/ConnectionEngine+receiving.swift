import CLibpq
import Synchronization

extension ConnectionEngine {
    /// Reads what the server sent and gives it to whom it belongs.
    func receive() {
        guard let connection else { return }
        let isAlive = PQconsumeInput(connection) == 1
        now = .now
        silentSince = now
        takeResults()
        // What came before the connection broke was taken first: it is the answer.
        guard self.connection != nil else { return deliver() }
        takeNotifications()
        if !isAlive || PQstatus(connection) == CONNECTION_BAD {
            lose(.closed)
        } else if needsFlush {
            flush()
        }
        deliver()
    }

    private func takeResults() {
        while let connection, let first = expected.first, PQisBusy(connection) == 0 {
            guard let answer = PQgetResult(connection) else {
                if case .sync = first.role { return lose(.outOfStep) }
                endHead()
                continue
            }
            take(answer, for: first)
        }
    }

    private func take(_ answer: OpaquePointer, for first: Expected) {
        switch PQresultStatus(answer) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            head.result = PostgresResult(owning: answer)
            return
        case PGRES_PIPELINE_SYNC:
            endGroup()
        case PGRES_PIPELINE_ABORTED:
            head.isAborted = true
        case PGRES_FATAL_ERROR:
            if PostgresError.endsSession(answer) {
                let sqlState = PostgresError.sqlState(of: answer)
                lose(ConnectionFailure(reason: "ended by the server", sqlState: sqlState))
            } else {
                take(PostgresError(answer: answer), for: first)
            }
        case PGRES_COPY_IN:
            // Only in scripts: the server is told that no data will come, and answers with an error.
            PQputCopyEnd(connection, "COPY FROM STDIN is not supported")
        default:
            lose(ConnectionFailure(reason: "an answer of a kind that is not supported"))
        }
        PQclear(answer)
    }

    private func take(_ error: PostgresError, for first: Expected) {
        if case .sync = first.role {
            // The implicit commit at a sync point failed, for instance a deferred constraint.
            if group.error == nil { group.error = error }
        } else if head.error == nil {
            head.error = error
        }
    }

    /// The answer at the head is complete.
    private func endHead() {
        guard let ended = expected.popFirst() else { return }
        defer {
            head.result = nil
            head.error = nil
            head.isAborted = false
        }
        switch ended.role {
        case .preparation(let statement): endPreparation(statement, ended)
        case .read: if let request = ended.request { endRead(request, ended.generation) }
        case .step: if let request = ended.request { endStep(request, ended.generation) }
        case .script: if let request = ended.request { endScript(request) }
        case .cleanup, .sync: break
        }
    }

    private func endPreparation(_ statement: PostgresStatement, _ ended: Expected) {
        // 42P05: it is prepared already, which is all that is wanted.
        let isRepairable = head.error?.sqlState == "42P05"
        if head.isAborted || head.error != nil, !isRepairable, ended.generation == generation {
            prepared.remove(statement)
        }
        guard let error = head.error else { return }
        switch ended.request?.kind {
        case nil: break
        case .read:
            if let request = ended.request, !isRepairable { head.failedPreparation = (request, error) }
        case .transaction: if !isRepairable { group.error = error }
        default:
            group.isRepairable = isRepairable
            group.error = error
        }
    }

    private func endRead(_ request: Request, _ generation: Int) {
        inFlight -= 1
        let failedPreparation = head.failedPreparation
        head.failedPreparation = nil
        if let failedPreparation, failedPreparation.request === request {
            answer(request, .failure(failedPreparation.error))
        } else if head.isAborted {
            // A neighbour failed. This one was not executed: it is sent again, alone.
            alone.append(request)
        } else if let error = head.error {
            if forgot(error, request, generation) {
                alone.append(request)
            } else {
                answer(request, .failure(error))
            }
        } else if let result = head.result {
            answer(request, .result(result))
        } else {
            answer(request, .failure(PostgresError(code: .server, message: "the server sent no result")))
        }
    }

    /// Whether the server does not know a statement that was prepared here (DISCARD, a pooler): nothing was executed.
    private func forgot(_ error: PostgresError, _ request: Request, _ generation: Int) -> Bool {
        guard error.sqlState == "26000" else { return false }
        if generation == self.generation {
            self.generation += 1
            prepared.removeAll()
        }
        return request.attempts.wrappingAdd(1, ordering: .relaxed).oldValue == 0
    }

    private func endStep(_ request: Request, _ generation: Int) {
        if let error = head.error {
            // A statement that could not be prepared is unknown when it comes to be executed: the first error counts.
            guard group.error == nil else { return }
            group.isRepairable = forgot(error, request, generation)
            group.error = error
        } else if let result = head.result, !head.isAborted {
            group.results.append(result)
        }
    }

    /// A sync point was reached: what is before it is committed, or wholly undone.
    private func endGroup() {
        guard let ended = expected.popFirst(), case .sync(let liftsBar) = ended.role else { return lose(.outOfStep) }
        if let request = ended.request {
            inFlight -= 1
            answerGroup(request)
            group = GroupState()
        }
        let leftOpen = isInsideTransaction()
        switch ended.request?.kind {
        case .sessionStart, .session, .script:
            isInTransaction = leftOpen ?? isInTransaction
        default:
            if leftOpen == true {
                cleanUp()
            } else if liftsBar {
                isBarred = false
            }
        }
    }

    /// Whether the server is inside a transaction; `nil` while more answers are expected, for libpq doesn't tell then.
    private func isInsideTransaction() -> Bool? {
        guard let connection else { return false }
        return switch PQtransactionStatus(connection) {
        case PQTRANS_INTRANS, PQTRANS_INERROR: true
        case PQTRANS_IDLE: false
        default: nil
        }
    }

    private func answerGroup(_ request: Request) {
        guard let error = group.error else {
            let isSingle = request.following.isEmpty && group.results.count == 1
            return answer(request, isSingle ? .result(group.results[0]) : .results(group.results))
        }
        if group.isRepairable, isRepeatable(request) {
            alone.append(request)
        } else {
            answer(request, .failure(error))
        }
    }

    /// Inside a session's transaction the failure has already undone what came before.
    private func isRepeatable(_ request: Request) -> Bool {
        switch request.kind {
        case .read, .write, .transaction, .sessionStart: true
        case .session: !isInTransaction
        case .script: false
        }
    }

    private func endScript(_ request: Request) {
        inFlight -= 1
        isBarred = false
        if let connection {
            isInTransaction = isInsideTransaction() ?? false
            // A script may have dropped or changed what prepared statements rely on, or said DISCARD ALL.
            if PQenterPipelineMode(connection) != 1 { lose(.closed) }
        }
        if let error = head.error {
            answer(request, .failure(error))
        } else {
            answer(request, .results([]))
        }
    }

    private func takeNotifications() {
        guard let connection, let listening = plan.listening else { return }
        while let notification = PQnotifies(connection) {
            listening.tell(
                .notification(
                    channel: String(cString: notification.pointee.relname),
                    payload: String(cString: notification.pointee.extra),
                    pid: notification.pointee.be_pid
                )
            )
            PQfreemem(notification)
        }
    }
}
