import HTTPTypes
public import Hummingbird
import Sessions

/// Puts the live session of the browser into the context.
///
/// A store that is out of reach is answered with 503 here, and the handler never runs: "signed out" would be a guess.
/// What a handler says to somebody with a session is kept out of caches unless it sets `Cache-Control` itself.
public struct AttachSession<Context: SessionRequestContext>: RouterMiddleware {
    let routes: SessionRoutes
    let detail: SessionDetail
    let refreshing: Bool

    /// Finds the session, then goes on.
    public func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        let visit = Visit(request, context, settings: routes.settings, jar: routes.jar)
        do {
            context.session =
                refreshing
                ? try await routes.freshSession(of: visit) : try await routes.session(of: visit, detail: detail)
        } catch {
            return await routes.answer(request, context) { _ in throw error }
        }
        var response = try await next(request, context)
        if context.session != nil, !response.headers.contains(.cacheControl) {
            response.headers[.cacheControl] = "no-store"
        }
        return response
    }
}
