import CLibpq

extension ConnectionEngine {
    /// Sends what waits, together: reads behind one sync point, everything else behind one each.
    func send() {
        guard case .ready = link else { return }
        while !isBarred, connection != nil, let request = alone.popFirst() {
            guard !request.isFinished else {
                // Cancelled meanwhile: nothing to do but to count it out.
                answer(request, .failure(sessionError()))
                continue
            }
            sendGroup(request)
        }
        var readsAreOpen = false
        while !isBarred, connection != nil, inFlight < plan.maximumInFlight, let request = waiting.first {
            if request.needsQuiet, !expected.isEmpty { break }
            _ = waiting.popFirst()
            request.leavePlace()
            guard !request.isFinished else {
                // Cancelled before it was sent: nothing to do but to count it out.
                answer(request, .failure(sessionError()))
                continue
            }
            if case .read = request.kind {
                inFlight += 1
                emit(request.operation, for: request, as: .read)
                readsAreOpen = true
            } else {
                if readsAreOpen { sync(nil) }
                readsAreOpen = false
                sendGroup(request)
            }
        }
        if readsAreOpen { sync(nil) }
        flush()
    }

    private func sendGroup(_ request: Request) {
        switch request.kind {
        case .read:
            inFlight += 1
            emit(request.operation, for: request, as: .read)
            sync(nil)
        case .write:
            sendSteps(request)
        case .transaction:
            isBarred = true
            sendSteps(request)
        case .scopeStart(let token):
            token.bind(to: epoch)
            sendSteps(request)
        case .scoped(let token, _):
            guard isOpen(token, for: request) else { return }
            sendSteps(request)
        case .script(let token, let script):
            guard isOpen(token, for: request) else { return }
            sendScript(script, request)
        case .scopeEnd(let token):
            answer(request, .results([]))
            guard token.isBound(to: epoch) else { return }
            if isInsideTransaction() != false || isChanged { cleanUp() }
            isInTransaction = false
        }
    }

    /// Whether a scope still has this session; answers its request when it has not.
    private func isOpen(_ token: ScopeToken, for request: Request) -> Bool {
        if token.isEnded {
            // It escaped its scope: the session may be somebody else's by now.
            answer(request, .failure(PostgresError(code: .closed, message: "the scope has ended")))
        } else if !token.isBound(to: epoch) {
            answer(request, .failure(sessionError()))
        } else {
            return true
        }
        return false
    }

    private func sendSteps(_ request: Request) {
        inFlight += 1
        if case .transaction = request.kind {
            // Behind sync points of their own: preparing takes a snapshot, and BEGIN would then join a transaction that
            // it can no longer give an isolation level.
            for operation in [request.operation] + request.following where prepare(operation, for: request) {
                sync(nil)
            }
        }
        emit(request.operation, for: request, as: .step)
        for operation in request.following { emit(operation, for: request, as: .step) }
        sync(request, liftsBar: isBarred)
    }

    /// Brings a session that was left inside a transaction, or with other settings, back to what it was when it began;
    /// nothing else is sent until that is answered.
    func cleanUp() {
        isBarred = true
        emit(.rollback, for: nil, as: .cleanup)
        if isChanged {
            emit(Operation(control: "RESET ALL"), for: nil, as: .cleanup)
            for setting in plan.settings { emit(Operation(control: setting), for: nil, as: .cleanup) }
        }
        isChanged = false
        sync(nil, liftsBar: true)
        flush()
    }

    /// Queues the preparation of a statement that this session doesn't know; `false` when it does.
    @discardableResult
    private func prepare(_ operation: Operation, for request: Request?) -> Bool {
        let statement = operation.statement
        guard !operation.isControl, prepared.insert(statement).inserted else { return false }
        if stale.remove(statement) != nil {
            let name = name(of: statement)
            emit(Operation(control: "DEALLOCATE \"\(name)\""), for: request, as: .forgetting(statement))
        }
        guard let connection else { return false }
        expect(.preparation(statement), request)
        let types = statement.parameters.map(\.oid)
        if PQsendPrepare(connection, name(of: statement), statement.sql, Int32(types.count), types) != 1 {
            lose(.closed)
        }
        return true
    }

    private func emit(_ operation: Operation, for request: Request?, as role: Expected.Role) {
        prepare(operation, for: request)
        guard let connection else { return }
        expect(role, request)
        if !parameters.send(operation, as: name(of: operation.statement), on: connection) { lose(.closed) }
    }

    private func name(of statement: PostgresStatement) -> String {
        generation == 0 ? statement.name : "\(statement.name)_\(generation)"
    }

    private func sync(_ request: Request?, liftsBar: Bool = false) {
        guard let connection else { return }
        expect(.sync(liftsBar: liftsBar), request)
        if PQpipelineSync(connection) != 1 { lose(.closed) }
    }

    private func sendScript(_ script: String, _ request: Request) {
        guard let connection else { return }
        inFlight += 1
        isBarred = true
        expect(.script, request)
        if PQexitPipelineMode(connection) != 1 || PQsendQuery(connection, script) != 1 { lose(.closed) }
    }

    private func expect(_ role: Expected.Role, _ request: Request?) {
        if expected.isEmpty { silentSince = now }
        expected.append(Expected(role: role, request: request, generation: generation))
    }

    func flush() {
        guard let connection else { return }
        let outcome = PQflush(connection)
        needsFlush = outcome == 1
        if outcome < 0 { lose(.closed) }
    }
}
