import HTTPTypes
import Hummingbird
import LoginFlow

/// Answers what no handler has answered: unknown paths, wrong methods, refused heads, and errors nobody expected.
struct ErrorResponses<Context: RequestContext>: RouterMiddleware {
    let routes: SessionRoutes

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return await routes.answer(request, context) { _ in throw describe(error, request) }
        }
    }

    private func describe(_ error: any Error, _ request: Request) -> any Error {
        guard let error = error as? any HTTPResponseError else { return error }
        guard error.status == .notFound else {
            return ServerError(error.status, "http_\(error.status.code)", error.status.reasonPhrase)
        }
        let allowed = routes.endpoints.methods(at: request.uri.path)
        return allowed.isEmpty ? ServerError.notFound : .methodNotAllowed(allowed)
    }
}
