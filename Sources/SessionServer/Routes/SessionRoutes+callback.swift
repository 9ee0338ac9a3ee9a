import HTTPTypes
import Hummingbird
import LoginFlow
import OpenIDConnect
import Secrets
import Sessions

extension SessionRoutes {
    /// `GET /callback`, and `/callback/{provider}` of one of several: the answer in the query.
    func callbackByQuery(_ visit: Visit) async throws -> Response {
        let callback: CallbackParameters
        do {
            callback = try CallbackParameters(query: visit.request.uri.query ?? "")
        } catch {
            throw LoginError(error)
        }
        return try await finish(callback, visit)
    }

    /// `POST /callback`, and `/callback/{provider}`: the answer in a form that the provider had the browser post.
    func callbackByForm(_ visit: Visit) async throws -> Response {
        let body = try await RequestBody.form(of: visit.request, maximum: CallbackParameters.maximumBytes)
        let callback: CallbackParameters
        do {
            callback = try CallbackParameters(formBody: body)
        } catch {
            throw LoginError(error)
        }
        return try await finish(callback, visit)
    }

    private func finish(_ callback: CallbackParameters, _ visit: Visit) async throws -> Response {
        var browser = visit.browser
        browser.pendingLogins = callback.state.flatMap { jar.pendingLogin(state: $0, visit.cookies) }.map { [$0] } ?? []
        browser.session = jar.sessionID(visit.cookies)
        do {
            let base = settings.baseURL
            let receivedAt = visit.provider.map(base.redirectURI(of:)) ?? base.redirectURI
            let completed = try await flow.complete(callback, browser: browser, receivedAt: receivedAt)
            // A relative location: code and state are gone from the address (RFC 9700 section 4.2.4).
            return .seeOther(completed.returnTo.path)
                .setting([jar.set(completed.session.id)] + clearedLogin(callback))
        } catch {
            return try await refusal(error, callback, visit)
        }
    }

    private func refusal(_ error: LoginError, _ callback: CallbackParameters, _ visit: Visit) async throws -> Response {
        // Nothing was taken: the same callback can be tried again, with the same cookie.
        if error.code == .storeUnavailable, error.retry == nil { throw error }
        // The back button, or a reload, after a login that went through.
        if error.code == .loginNotFound, try await signedInSession(of: visit) != nil {
            return .seeOther(Paths.start).setting(clearedLogin(callback))
        }
        return failure(error, for: visit).setting(clearedLogin(callback))
    }

    private func clearedLogin(_ callback: CallbackParameters) -> [SetCookie] {
        callback.state.map { [jar.clearedLogin(state: $0, usesFormPost: acceptsFormPost)] } ?? []
    }
}
