import HTTPTypes
import Hummingbird
import Logging
import LoginFlow
import Secrets
import Sessions

/// What providers call when a user has signed out there.
extension SessionRoutes {
    /// Far more than a logout token has.
    static let maximumLogoutBytes = 16 * 1024

    /// `POST /backchannel-logout`: 200 when nothing that the logout token is about is alive any more, 400 for everything
    /// else, an outage of ours included (Back-Channel Logout section 2.8).
    ///
    /// The signature of the token is what lets somebody in: no cookie counts, and there is no origin to check.
    func backChannelLogout(_ visit: Visit) async throws -> Response {
        do {
            let body = try await RequestBody.form(of: visit.request, maximum: Self.maximumLogoutBytes)
            let form = QueryParameters(String(decoding: body, as: UTF8.self))
            guard form.isWhole, let token = form["logout_token"] else {
                throw ServerError(.badRequest, "invalid_request", "There has to be one logout_token in the form.")
            }
            try await flow.endByProvider(Secret(token), by: visit.requester(.provider), alsoAt: otherTenants)
            return .json([:])
        } catch {
            return backChannelFailure(error, visit)
        }
    }

    /// The answer to whatever went wrong: one status, JSON whoever asks, in the words of RFC 6749 section 5.2.
    func backChannelFailure(_ error: any Error, _ visit: Visit) -> Response {
        let failure = ServerError.describing(error)
        let isOurs = failure.status.kind == .serverError
        visit.logger.log(
            level: isOurs ? .error : .warning,
            isOurs
                ? "A logout by the provider failed: sessions that are over there may be alive here"
                : "A logout by the provider was refused",
            metadata: ["code": "\(failure.code)", "cause": "\(failure.loggedCause ?? failure.explanation)"]
        )
        return .json(
            [
                "error": .string(isOurs ? failure.code : "invalid_request"),
                "error_description": .string(failure.explanation), "requestId": .string(visit.requestID),
            ],
            status: .badRequest
        )
    }
}
