import HTTPTypes
import Hummingbird
import LoginFlow
import OpenIDConnect

extension SessionRoutes {
    /// `GET /login?return_to=/path[&provider=name]`: 303 to the provider, with a cookie for this attempt.
    ///
    /// Nothing else of the query is read but what ``ServerSettings/loginParameters`` permits: no other parameter of the
    /// authorization request can be chosen from outside.
    func login(_ visit: Visit) async throws -> Response {
        let query = visit.query
        guard visit.origin.isTopLevelNavigation else { throw ServerError.forbidden }
        guard query["provider"] != nil || !query.contains("provider") else {
            throw LoginError(.unknownProvider, "the provider parameter is malformed or repeated")
        }
        let new = NewLogin(
            provider: query["provider"],
            returnTo: flow.returnTo(query["return_to"]),
            options: query.options(permitting: permittedParameters)
        )
        if visit.origin.isCrossSite, let session = try await signedInSession(of: visit) {
            return .page(.confirmSignIn(session, login: new), settings: settings)
        }
        return try await begin(new, visit)
    }

    /// Where a third party may begin a login, its hint has to get past the question whether to sign in again.
    private var permittedParameters: Set<LoginParameter> {
        settings.loginParameters.union(settings.allowsThirdPartyLogin ? [.loginHint] : [])
    }

    /// Sends the browser to the provider, with a cookie for this attempt.
    func begin(_ new: NewLogin, _ visit: Visit) async throws -> Response {
        guard new.provider != nil || flow.providers.default != nil else { return choices(new, visit) }
        try settings.loginLimiter?.admit(new, visit)
        let started = try await flow.begin(new)
        return .seeOther(started.redirectURL).setting(jar.set(started, beside: visit.cookies))
    }

    /// What there is to choose from when a login names no provider and none is the default.
    private func choices(_ new: NewLogin, _ visit: Visit) -> Response {
        let logins = flow.providers.names.map { NewLogin(provider: $0, returnTo: new.returnTo) }
        guard !visit.prefersHTML else { return .page(.chooseProvider(logins), settings: settings) }
        return .json([
            "providers": .array(
                logins.map { ["name": .string($0.provider ?? ""), "login": .string(Paths.login($0))] }
            )
        ])
    }
}
