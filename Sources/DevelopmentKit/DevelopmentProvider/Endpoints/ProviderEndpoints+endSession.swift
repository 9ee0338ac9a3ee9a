import HTTPTypes
import Hummingbird
import Logging

extension ProviderEndpoints {
    /// `/end-session`: asks whether the person wants to sign out.
    func endSession(_ request: Request) async throws -> Response {
        guard let form = try await parameters(request) else {
            return .page(.unreadable, status: .badRequest)
        }
        let signOut: SignOutRequest
        do {
            signOut = try await signOutRequest(form)
        } catch let problem as SignOutProblem {
            return .page(.problem(problem.text), status: .badRequest)
        }
        let browser = browser(request)
        let question = await state.ask(
            .signOut(signOut),
            browser: browser.value,
            lifetime: configuration.questionLifetime
        )
        let current = await currentSession(request).flatMap { user($0.subject) }
        return .page(.signOut(signOut, userName: current?.name, question: question), headers: browser.headers)
    }

    /// `POST /sign-out`: the answer to the page.
    func signOut(_ request: Request) async throws -> Response {
        guard let form = try await parameters(request), let id = form["question"],
            let browser = ProviderCookie.browser.value(in: request),
            case .signOut(let signOut) = await state.answer(id, browser: browser)
        else {
            return .page(
                .problem("This page was answered before, is too old, or was shown to another browser."),
                status: .badRequest
            )
        }
        guard form["confirm"] == "yes" else { return .page(.stillSignedIn) }
        let current = await currentSession(request)
        for session in Set([current?.id, signOut.sessionID].compactMap(\.self)) {
            try await state.endSession(id: session)
        }
        logger.info("signed out", metadata: ["subject": "\(current?.subject ?? "nobody")"])
        let headers: HTTPFields = [.setCookie: ProviderCookie.session.header("", lifetime: .zero)]
        guard let location = signOut.returnTo else { return .page(.signedOut, headers: headers) }
        return .seeOther(location, headers: headers)
    }

    /// Checks what came with the request (RP-Initiated Logout 1.0, sections 2 and 3).
    private func signOutRequest(_ form: FormParameters) async throws -> SignOutRequest {
        var result = SignOutRequest()
        var clientID = form["client_id"]
        if let hint = form["id_token_hint"] {
            // An ID token that has ended is still a hint, section 2; one that we did not sign is not.
            guard let claims = JSONWebToken.claims(IDTokenClaims.self, of: hint, type: .identity, signedBy: key),
                claims.iss == (try await issuer.value)
            else { throw SignOutProblem(text: "id_token_hint is not a token of this provider.") }
            guard clientID.map({ $0 == claims.aud }) ?? true else {
                throw SignOutProblem(text: "client_id is not the one that id_token_hint was issued to.")
            }
            clientID = claims.aud
            result.sessionID = claims.sid
        }
        let client = configuration.clients.first { $0.id == clientID }
        guard client != nil || clientID == nil else { throw SignOutProblem(text: "The application is not known here.") }
        result.clientName = client?.name
        if let uri = form["post_logout_redirect_uri"] {
            guard let client, client.postLogoutRedirectURIs.contains(uri) else {
                throw SignOutProblem(text: "post_logout_redirect_uri is not registered for the application.")
            }
            result.returnTo = FormParameters.url(uri, adding: form["state"].map { [("state", $0)] } ?? [])
        }
        return result
    }
}

/// Why a sign-out request is refused; always told on a page, never by a redirect.
struct SignOutProblem: Error {
    let text: String
}
