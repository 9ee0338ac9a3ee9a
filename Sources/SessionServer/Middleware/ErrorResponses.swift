import HTTPTypes
import Hummingbird
import LoginFlow

/// Answers what no handler has answered: unknown paths, wrong methods, refused heads, and errors nobody expected.
struct ErrorResponses<Context: RequestContext>: RouterMiddleware {
    let routes: SessionRoutes
    /// Whether the request is none of the site's, because it names another host.
    var isMisdirected = false

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let endpoints = (isMisdirected ? routes.processEndpoints : routes.endpoints).at(request.uri.path)
            if request.method == .post, endpoints.first?.path == Paths.backChannelLogout {
                // To a provider, whatever kept the request from its handler is one thing: it failed.
                return await routes.answer(request, context, readsCookies: false) { visit in
                    routes.backChannelFailure(describe(error, endpoints, visit), visit)
                }
            }
            let readsCookies = endpoints.first?.surface == nil
            return await routes.answer(request, context, readsCookies: readsCookies) { visit in
                throw describe(error, endpoints, visit)
            }
        }
    }

    private func describe(_ error: any Error, _ endpoints: [Endpoint], _ visit: Visit) -> any Error {
        guard let error = error as? any HTTPResponseError else { return error }
        guard error.status == .notFound else {
            return ServerError(error.status, "http_\(error.status.code)", error.status.reasonPhrase)
        }
        if isMisdirected, endpoints.isEmpty { return ServerError.misdirected }
        return routes.refusal(at: endpoints, visit)
    }
}
