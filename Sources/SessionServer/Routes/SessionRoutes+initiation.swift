import HTTPTypes
import Hummingbird
import LoginFlow
import OpenIDConnect
import Sessions

/// Logins that begin at a third party, such as the provider's own page of applications (Core section 4).
extension SessionRoutes {
    private static let maximumInitiationBytes = 8 * 1024

    /// `GET /login/initiate?iss=…[&login_hint=…][&target_link_uri=…]`: 303 to the provider of that issuer.
    ///
    /// Whoever is signed in is asked first, wherever the link comes from: a stranger's link takes nobody's session away
    /// unseen.
    func initiateLogin(_ visit: Visit) async throws -> Response {
        guard visit.origin.isTopLevelNavigation else { throw ServerError.forbidden }
        let new = try initiatedLogin(visit.query)
        if let session = try await signedInSession(of: visit) {
            return .page(.confirmSignIn(session, login: new), settings: settings)
        }
        return try await begin(new, visit)
    }

    /// `POST /login/initiate`: the same parameters in a form.
    ///
    /// Only sends the browser on to the GET: it brings no cookie with another site's POST, so who is signed in isn't
    /// known here.
    func initiateLoginByForm(_ visit: Visit) async throws -> Response {
        guard visit.origin.isTopLevelNavigation else { throw ServerError.forbidden }
        let body = try await RequestBody.form(of: visit.request, maximum: Self.maximumInitiationBytes)
        let form = QueryParameters(String(decoding: body, as: UTF8.self))
        let new = try initiatedLogin(form)
        var parameters = [("iss", form["iss"] ?? ""), ("target_link_uri", new.returnTo.path)]
        if let hint = new.options.loginHint { parameters.append(("login_hint", hint)) }
        return .seeOther(Paths.initiation + "?" + FormCoding.encode(parameters))
    }

    private func initiatedLogin(_ parameters: QueryParameters) throws(ServerError) -> NewLogin {
        // Of all that the link says, only an issuer that is configured leads anywhere.
        guard let issuer = parameters["iss"],
            let provider = flow.providers.all.first(where: { $0.configuration.issuer.hasSameBytes(as: issuer) })
        else { throw .unknownIssuer }
        var options = AuthorizationOptions()
        options.loginHint = parameters["login_hint"].flatMap { AuthorizationOptions.isPlausibleHint($0) ? $0 : nil }
        return NewLogin(
            provider: provider.configuration.name,
            returnTo: flow.returnTo(parameters["target_link_uri"].map(path)),
            options: options
        )
    }

    /// A link to this site without its origin; what isn't one is left for ``ReturnTo`` to refuse.
    private func path(of link: String) -> String {
        let origin = settings.baseURL.origin
        guard link.utf8.starts(with: origin.utf8) else { return link }
        let rest = String(decoding: link.utf8.dropFirst(origin.utf8.count), as: UTF8.self)
        return rest.isEmpty ? "/" : rest
    }
}
