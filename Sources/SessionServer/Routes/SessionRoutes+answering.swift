import Hummingbird
import Logging
import LoginFlow
import Sessions

extension SessionRoutes {
    /// Runs a handler; whatever it throws becomes an answer, and every answer gets the security headers.
    ///
    /// No answer to HEAD has a body, errors neither: nothing below takes it away, and what follows the head on a
    /// connection that is kept would be read as the beginning of the next answer.
    func answer(
        _ request: Request,
        _ context: some RequestContext,
        readsCookies: Bool = true,
        _ handler: (Visit) async throws -> Response
    ) async -> Response {
        let visit = Visit(request, context, settings: settings, jar: readsCookies ? jar : nil)
        var response: Response
        do {
            response = try await handler(visit)
        } catch {
            response = failure(error, for: visit)
        }
        SecurityHeaders.apply(to: &response, requestID: visit.requestID, base: settings.baseURL)
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// The answer to an error, which is logged once, here.
    func failure(_ error: any Error, for visit: Visit) -> Response {
        let failure = ServerError.describing(error)
        guard !failure.isReported else { return .error(failure, for: visit) }
        let level: Logger.Level =
            switch failure.status.code {
            case 500: .error
            case 501...: .warning
            default: .info
            }
        visit.logger.log(
            level: level,
            "Request refused",
            metadata: [
                "code": "\(failure.code)", "cause": "\(failure.loggedCause ?? "-")",
                "status": .stringConvertible(failure.status.code),
            ]
        )
        return .error(failure, for: visit)
    }

    /// The live session of a request's cookie.
    ///
    /// - Throws: when the store failed: nothing is known then, and "signed out" would be a guess.
    func session(of visit: Visit, detail: SessionDetail = .identity) async throws(SessionError) -> Session? {
        try await counted(visit) { id async throws(SessionError) in
            try await flow.manager.getSession(id, detail: detail)
        }
    }

    /// The same with an access token that is good for a while.
    ///
    /// - Throws: when the store failed, or the access token has ended and there is no new one for now.
    func freshSession(of visit: Visit) async throws(LoginError) -> Session? {
        try await counted(visit) { id async throws(LoginError) in
            try await flow.freshSession(id, metadata: visit.browser)
        }
    }

    /// Looks a request's session up, and counts what came of it.
    private func counted<Failure>(
        _ visit: Visit,
        _ find: (SessionID) async throws(Failure) -> Session?
    ) async throws(Failure) -> Session? {
        guard let id = jar.sessionID(visit.cookies) else {
            ServerMetrics.lookup(visit.cookies[jar.sessionName] == .absent ? .absent : .malformed)
            return nil
        }
        do {
            let session = try await find(id)
            ServerMetrics.lookup(session == nil ? .unknown : .live)
            return session
        } catch {
            ServerMetrics.lookup(.failed)
            throw error
        }
    }

    /// The session if somebody is signed in by it.
    func signedInSession(of visit: Visit) async throws(SessionError) -> Session? {
        let session = try await session(of: visit)
        return session?.subject == nil ? nil : session
    }
}
