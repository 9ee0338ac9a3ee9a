import HTTPTypes
public import Hummingbird
import LoginFlow
import Sessions

/// Lets only signed-in users through.
///
/// A person who opens a page is sent to sign in and comes back to it; everything else gets 401, so that a script's
/// `fetch` fails visibly instead of following a redirect to the provider.
public struct RequireSession<Context: SessionRequestContext>: RouterMiddleware {
    let routes: SessionRoutes

    /// Goes on when the context has a session with a subject.
    public func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        if context.session?.subject != nil { return try await next(request, context) }
        return await routes.answer(request, context) { visit in
            guard request.method == .get, visit.prefersHTML, visit.origin.isTopLevelNavigation else {
                throw ServerError.notSignedIn
            }
            let returnTo = routes.flow.returnTo(request.uri.string)
            return .seeOther(Paths.login(NewLogin(returnTo: returnTo)))
        }
    }
}
