import CLibpq

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
        } else if plan.connectionString.demandsWrites, isReadOnly(connection) {
            lose(.readOnly)
        } else if needsFlush {
            flush()
        }
        deliver()
    }

    /// Whether the server has become one that accepts no writes, which it reports by itself since Postgres 14.
    ///
    /// libpq judges `target_session_attrs` when it connects, and never again.
    private func isReadOnly(_ connection: OpaquePointer) -> Bool {
        PQparameterStatus(connection, "default_transaction_read_only").map { String(cString: $0) == "on" } ?? false
    }

    private func takeResults() {
        while let connection, let first = expected.first, PQisBusy(connection) == 0 {
            guard let answer = PQgetResult(connection) else {
                if case .sync = first.role {
                    // libpq ends an error at a sync point like any answer, before it reports the sync point itself.
                    guard head.hasFailedSync else { return lose(.outOfStep) }
                    head.hasFailedSync = false
                } else {
                    endHead()
                }
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
            head.hasFailedSync = true
            if first.request != nil, group.error == nil { group.error = error }
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
        case .read: if let request = ended.request { endRead(request, ended) }
        case .step: if let request = ended.request { endStep(request, ended) }
        case .script: if let request = ended.request { endScript(request) }
        case .forgetting(let statement): endForgetting(statement, ended)
        case .cleanup:
            if head.error != nil || head.isAborted {
                lose(ConnectionFailure(reason: "it could not be cleaned up", sqlState: head.error?.sqlState))
            }
        case .sync: break
        }
    }

    private func endRead(_ request: Request, _ ended: Expected) {
        inFlight -= 1
        let failedPreparation = head.failedPreparation
        head.failedPreparation = nil
        if let failedPreparation, failedPreparation.request === request {
            answer(request, .failure(failedPreparation.error))
        } else if head.isAborted {
            // A neighbour failed. This one was not executed: it is sent again, alone.
            alone.append(request)
        } else if let error = head.error {
            if isOutdated(error, of: request.operation, request, ended) {
                alone.append(request)
            } else {
                answer(request, .failure(error))
            }
        } else if let result = head.result {
            if result.sideEffect == .opensTransaction {
                answer(request, .failure(Self.openedTransaction))
                lose(.leftInTransaction)
            } else {
                if result.sideEffect == .changesSettings { isChanged = true }
                answer(request, .result(result))
            }
        } else {
            answer(request, .failure(PostgresError(code: .server, message: "the server sent no result")))
        }
    }

    private func endStep(_ request: Request, _ ended: Expected) {
        // Each step has one result.
        let operation = request.operation(at: group.results.count)
        if let error = head.error {
            // A statement that could not be prepared is unknown when it comes to be executed: the first error counts.
            guard group.error == nil else { return }
            group.isRepairable = isOutdated(error, of: operation, request, ended)
            group.error = error
        } else if let result = head.result, !head.isAborted {
            group.results.append(result)
            guard let operation, !operation.isControl else { return }
            switch result.sideEffect {
            case .none: break
            case .changesSettings: isChanged = true
            case .opensTransaction: if case .write = request.kind { group.opensTransaction = true }
            }
        }
    }

    /// A sync point was reached: what is before it is committed, or wholly undone.
    private func endGroup() {
        guard let ended = expected.first, case .sync(let liftsBar) = ended.role else { return lose(.outOfStep) }
        _ = expected.popFirst()
        head.hasFailedSync = false
        let isLeftOpen = isInsideTransaction()
        let opensTransaction = group.opensTransaction
        if let request = ended.request {
            inFlight -= 1
            if case .write = request.kind, opensTransaction || isLeftOpen == true, group.error == nil {
                group.error = Self.openedTransaction
            }
            answerGroup(request)
            group = GroupState()
        }
        switch ended.request?.kind {
        case .scopeStart, .scoped, .script, .scopeEnd:
            isInTransaction = isLeftOpen ?? isInTransaction
        case nil where liftsBar && isLeftOpen == true:
            // It was cleaned up, and in vain.
            lose(.leftInTransaction)
        default:
            if opensTransaction {
                // What was sent behind it ran inside it: only its end says that none of that is written.
                lose(.leftInTransaction)
            } else if isLeftOpen == true || isChanged {
                cleanUp()
            } else if liftsBar {
                isBarred = false
            }
        }
    }

    private static let openedTransaction = PostgresError(
        code: .invalidArguments,
        message: "the statement opened a transaction, which belongs into a transaction's scope; it was rolled back"
    )

    /// Whether the server is inside a transaction; `nil` while more answers are expected, for libpq doesn't tell then.
    func isInsideTransaction() -> Bool? {
        guard let connection else { return false }
        return switch PQtransactionStatus(connection) {
        case PQTRANS_INTRANS, PQTRANS_INERROR: true
        case PQTRANS_IDLE: false
        default: nil
        }
    }

    private func answerGroup(_ request: Request) {
        guard let error = group.error else {
            guard group.results.count == 1 + request.following.count else {
                let incomplete = PostgresError(code: .server, message: "the server did not send all results")
                return answer(request, .failure(incomplete))
            }
            let isSingle = request.following.isEmpty
            return answer(request, isSingle ? .result(group.results[0]) : .results(group.results))
        }
        if group.isRepairable, isRepeatable(request) {
            alone.append(request)
        } else {
            answer(request, .failure(error))
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

    func takeNotifications() {
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
