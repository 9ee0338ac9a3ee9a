import Synchronization

/// Prepared statements that are not what this side believes of them: they are prepared anew, and what failed for it is
/// sent again.
extension ConnectionEngine {
    func endPreparation(_ statement: PostgresStatement, _ ended: Expected) {
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

    func endForgetting(_ statement: PostgresStatement, _ ended: Expected) {
        if head.isAborted, ended.generation == generation { stale.insert(statement) }
        // The server had forgotten it already, and what was to follow was not executed: without this it will be.
        guard let error = head.error, let kind = ended.request?.kind else { return }
        if case .read = kind { return }
        group.isRepairable = true
        group.error = error
    }

    /// Whether a statement failed only because it was prepared long ago: the same will succeed when prepared again.
    func isOutdated(
        _ error: PostgresError,
        of operation: Operation?,
        _ request: Request,
        _ ended: Expected
    ) -> Bool {
        switch error.sqlState {
        case "26000":
            // The server does not know it any more (DISCARD, a pooler).
            if ended.generation == generation {
                generation += 1
                prepared.removeAll()
                stale.removeAll()
            }
        case "0A000":
            // Its result would have other types than when it was prepared (ALTER TABLE), or it is not supported at
            // all, which the second attempt tells.
            guard let statement = operation?.statement else { return false }
            if ended.generation == generation, prepared.remove(statement) != nil { stale.insert(statement) }
        default:
            return false
        }
        return request.attempts.wrappingAdd(1, ordering: .relaxed).oldValue == 0
    }

    /// Inside a session's transaction the failure has already undone what came before.
    func isRepeatable(_ request: Request) -> Bool {
        switch request.kind {
        case .read, .write, .transaction, .scopeStart: true
        case .scoped: !isInTransaction
        case .script, .scopeEnd: false
        }
    }
}
