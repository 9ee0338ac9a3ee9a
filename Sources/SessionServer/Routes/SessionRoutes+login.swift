import HTTPTypes
import Hummingbird
import LoginFlow

extension SessionRoutes {
    /// `GET /login?return_to=/path[&provider=name]`: 303 to the provider, with a cookie for this attempt.
    ///
    /// Nothing else of the query is read: no parameter of the authorization request can be chosen from outside.
    func login(_ visit: Visit) async throws -> Response {
        let query = visit.query
        guard visit.origin.isTopLevelNavigation else { throw ServerError.forbidden }
        guard query["provider"] != nil || !query.contains("provider") else {
            throw LoginError(.unknownProvider, "the provider parameter is malformed or repeated")
        }
        let new = NewLogin(provider: query["provider"], returnTo: flow.returnTo(query["return_to"]))
        if visit.origin.isCrossSite, let session = try await signedInSession(of: visit) {
            return .page(.confirmSignIn(session, login: new), settings: settings)
        }
        let started = try await flow.begin(new)
        return .seeOther(started.redirectURL).setting(jar.set(started, beside: visit.cookies))
    }
}
