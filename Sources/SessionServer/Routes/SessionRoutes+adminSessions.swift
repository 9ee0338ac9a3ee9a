import HTTPTypes
import Hummingbird
import LoginFlow
import OpenIDConnect
import Sessions

/// Administrators' lists and endings.
extension SessionRoutes {
    /// `GET /api/admin/sessions`: a page of the sessions that the parameters name, the newest first.
    func listSessions(_ visit: Visit, _ caller: BearerCaller) async throws -> Response {
        let arguments = try Arguments(queryOf: visit, allowing: Arguments.criteria + ["email", "cursor", "limit"])
        let filter = try arguments.filter()
        let limit = try arguments.integer("limit", in: 1...1000)
        var cursor: SessionPage.Cursor?
        if let text = try arguments.text("cursor", maximumBytes: 128) {
            cursor = SessionPage.Cursor(text)
            guard cursor != nil else {
                throw ServerError.invalidParameter("cursor", "is not the next of another page")
            }
        }
        let page = try await administration.listSessions(filter, after: cursor, limit: limit ?? 100)
        let next = page.next.map { String($0) }
        var response = Response.json([
            "sessions": .array(page.sessions.map { AdminSessionView(summary: $0).json }),
            "next": next.map(JSONValue.string) ?? .null,
        ])
        if let next {
            let kept = visit.query.parameters.filter { $0.name != "cursor" }
            let query = FormCoding.encode(kept + [(name: "cursor", value: next)])
            response.headers[.link] = "<\(Paths.adminSessions)?\(query)>; rel=\"next\""
        }
        return response
    }

    /// `GET /api/admin/sessions/{handle}`: one session, in whatever state.
    func showStoredSession(_ visit: Visit, _ caller: BearerCaller) async throws -> Response {
        _ = try Arguments(queryOf: visit, allowing: [])
        return .json(AdminSessionView(summary: try await storedSession(visit)).json)
    }

    /// `DELETE /api/admin/sessions/{handle}`: ends a session; its row stays, without tokens, for the audit trail.
    func endStoredSession(_ visit: Visit, _ caller: BearerCaller) async throws -> Response {
        let arguments = try Arguments(queryOf: visit, allowing: ["dryRun"])
        let isDryRun = try arguments.flag("dryRun") ?? false
        let summary = try await storedSession(visit)
        var ended = EndedSessions(matched: summary.state == .active ? 1 : 0)
        if !isDryRun {
            let requester = caller.requester(.adminAPI, visit)
            ended.ended = try await administration.revokeSession(summary.handle, by: requester) ? 1 : 0
        }
        return .json(ended.json(mode: "revoke", isDryRun: isDryRun))
    }

    /// `DELETE /api/admin/sessions`: ends the sessions that the parameters name, in the query or in a JSON body.
    ///
    /// Deletes their rows, or with `mode=revoke` keeps them for the audit trail.
    func endSessions(_ visit: Visit, _ caller: BearerCaller) async throws -> Response {
        let arguments = try await Arguments.queryOrBody(visit, allowing: Arguments.criteria + ["mode", "dryRun"])
        let filter = try arguments.filter()
        let isDryRun = try arguments.flag("dryRun") ?? false
        let word = try arguments.text("mode") ?? "delete"
        let mode: SessionEnding
        switch word {
        case "delete": mode = .delete
        case "revoke": mode = .revoke(.revoked)
        default: throw ServerError.invalidParameter("mode", "must be delete or revoke")
        }
        guard !filter.isEmpty else { throw ServerError.noCriterion }
        let ended = try await administration.endSessions(
            matching: filter,
            mode: mode,
            isDryRun: isDryRun,
            by: caller.requester(.adminAPI, visit)
        )
        return .json(ended.json(mode: word, isDryRun: isDryRun))
    }

    private func storedSession(_ visit: Visit) async throws -> SessionSummary {
        guard let handle = visit.handle, let summary = try await administration.session(handle) else {
            throw ServerError.noSuchSession
        }
        return summary
    }
}

extension EndedSessions {
    fileprivate func json(mode: String, isDryRun: Bool) -> JSONValue {
        [
            "success": true, "dryRun": .bool(isDryRun), "mode": .string(mode),
            "matchedCount": .integer(Int64(matched)), "endedCount": .integer(Int64(ended)),
            "isComplete": .bool(isComplete),
        ]
    }
}

extension ServerError {
    fileprivate static let noCriterion = ServerError(
        .badRequest,
        "no_criterion",
        "Nothing was done: say which sessions by one of \(Arguments.criteria.joined(separator: ", ")); "
            + "without a criterion, or with one that all sessions meet, none is ended."
    )
}
