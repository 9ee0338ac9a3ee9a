import HTTPTypes
import Hummingbird

/// Answers 503 to everything but `/health/live` until the service may be used.
struct Admission<Context: RequestContext>: RouterMiddleware {
    let isOpen: @Sendable () -> Bool

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard isOpen() || request.uri.path == Paths.live else { throw ServerError.notOpenYet }
        return try await next(request, context)
    }
}

extension ServerError {
    fileprivate static var notOpenYet: ServerError {
        var error = ServerError(
            .serviceUnavailable,
            "unavailable",
            "The service waits for its database. Please try again in a moment."
        )
        error.retryAfter = 5
        return error
    }
}
