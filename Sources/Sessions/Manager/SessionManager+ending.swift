import Logging

extension SessionManager {
    /// One ending is given up after this long, so that a request that asked for it gets an answer.
    private static let maximumEndingTime = Duration.seconds(60)
    /// Sessions that one transaction ends: what its locks keep others waiting for.
    private static let endingBatch = 1000

    /// Ends all sessions that meet every criterion of a filter, in batches with ``SessionPolicy/cleanupPause`` between.
    ///
    /// A session that changes meanwhile, so that it doesn't match any more, is left alone. The audit trail gets one row,
    /// with the criteria, the count, some handles (``EndedSessions/maximumHandles``) and who asked, also when the ending
    /// fails half-way; a dry run leaves none.
    /// - Parameters:
    ///   - filter: Which ones; an empty filter is refused, never taken for "all".
    ///   - mode: What becomes of their rows.
    ///   - isDryRun: Count what would be ended, end nothing.
    ///   - requester: Who asks.
    /// - Throws: ``SessionError/Code/invalidInput`` for a filter without criteria, or with an e-mail address.
    @discardableResult
    public func endSessions(
        matching filter: SessionFilter,
        mode: SessionEnding,
        isDryRun: Bool = false,
        by requester: Requester? = nil
    ) async throws(SessionError) -> EndedSessions {
        try filter.validate()
        guard filter.email == nil else {
            throw SessionError(.invalidInput, "an e-mail address finds sessions and ends none: take their subject")
        }
        guard !filter.isEmpty else {
            throw SessionError(.invalidInput, "sessions are ended by criteria, and there is none")
        }
        var outcome = EndedSessions()
        let failure: SessionError?
        do throws(SessionError) {
            try await endAll(matching: filter, mode: mode, isDryRun: isDryRun, into: &outcome)
            failure = nil
        } catch {
            outcome.isComplete = false
            failure = error
        }
        if !isDryRun {
            SessionMetrics.ended(mode.reason, count: outcome.ended)
            let details = outcome.auditDetails(filter, policy, mode: mode, by: requester, failure: failure)
            do throws(SessionError) {
                try await store.auditInAnyCase(.endSessions, details: details)
            } catch {
                logger.error("An ending of sessions isn't in the audit trail", metadata: ["error": "\(error)"])
                throw failure ?? error
            }
        }
        if let failure { throw failure }
        return outcome
    }

    private func endAll(
        matching filter: SessionFilter,
        mode: SessionEnding,
        isDryRun: Bool,
        into outcome: inout EndedSessions
    ) async throws(SessionError) {
        let deadline = clock.now() + Self.maximumEndingTime
        var cursor: SessionPage.Cursor?
        while true {
            guard !Task.isCancelled else {
                outcome.isComplete = false
                return
            }
            let after = cursor
            let batch = try await inAnyCase { () async throws(SessionError) in
                try await self.store.endSessions(
                    matching: filter,
                    mode: mode,
                    after: after,
                    limit: Self.endingBatch,
                    isDryRun: isDryRun,
                    policy: self.policy
                )
            }
            outcome.add(batch)
            guard let next = batch.next else { return }
            cursor = next
            guard clock.now() < deadline, (try? await clock.sleep(policy.cleanupPause)) != nil else {
                outcome.isComplete = false
                return
            }
        }
    }
}

extension SessionEnding {
    fileprivate var reason: SessionEndReason {
        switch self {
        case .delete: .deleted
        case .revoke(let reason): reason
        }
    }
}

extension EndedSessions {
    fileprivate func auditDetails(
        _ filter: SessionFilter,
        _ policy: SessionPolicy,
        mode: SessionEnding,
        by requester: Requester?,
        failure: SessionError?
    ) -> [String: JSONValue] {
        var details = requester.details
        details["tenantID"] = (filter.tenantID ?? policy.tenantID).map { .string($0) }
        details["criteria"] = filter.auditDetails
        details["mode"] = .string(mode == .delete ? "delete" : "revoke")
        details["reason"] = .string(mode.reason.rawValue)
        details["matched"] = .integer(Int64(matched))
        details["ended"] = .integer(Int64(ended))
        details["handles"] = .array(handles.map { .string($0.rawValue) })
        details["complete"] = .bool(isComplete)
        details["error"] = failure.map { .string($0.code.description) }
        return details
    }
}
