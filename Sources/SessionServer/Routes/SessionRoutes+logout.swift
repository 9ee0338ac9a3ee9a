import HTTPTypes
import Hummingbird
import LoginFlow
import OpenIDConnect
import Sessions

extension SessionRoutes {
    /// `POST /logout`: ends the session here, then sends the browser to the provider's logout where there is one.
    ///
    /// Without a session it does nothing and says the same. A program gets no redirect, because the provider's logout
    /// is for the browser that signed in there, and its URL carries the ID token.
    func logout(_ visit: Visit) async throws -> Response {
        guard visit.origin.isSameOrigin else { throw ServerError.forbidden }
        return try await signOut(jar.sessionID(visit.cookies), visit)
    }

    /// Ends the session of this browser, and has it forget the id.
    func signOut(_ id: SessionID?, _ visit: Visit) async throws -> Response {
        let ended = try await flow.end(id)
        let response: Response =
            if visit.prefersHTML {
                .seeOther(ended.providerLogoutURL ?? Paths.loggedOut)
            } else {
                .json(["signedOut": true])
            }
        var cookies = jar.clearedSession
        if visit.prefersHTML, let state = ended.state { cookies.append(jar.setLogout(state)) }
        var answer = response.setting(cookies)
        if !settings.clearedAtSignOut.isEmpty {
            answer.headers[.clearSiteData] = settings.clearedAtSignOut.map { "\"\($0)\"" }.joined(separator: ", ")
        }
        return answer
    }

    /// `GET /logged-out`, where the provider sends the browser back to: says that it is signed out, and does nothing.
    ///
    /// With the `state` of this browser's own sign-out it has been at the provider, and is told so. Any other state, or
    /// none, is no reason for an error, nor for believing it (RP-Initiated Logout section 3).
    func land(_ visit: Visit) async throws -> Response {
        let answer = try await confirmLogout(visit)
        guard let state = visit.query["state"], jar.isReturning(state: state, visit.cookies) else { return answer }
        guard visit.prefersHTML, try await signedInSession(of: visit) == nil else {
            return answer.setting([jar.clearedLogout])
        }
        return .page(.signedOutEverywhere, settings: settings).setting([jar.clearedLogout])
    }

    /// `GET /logout`: changes nothing, so that no link or image signs anybody out; asks instead.
    func confirmLogout(_ visit: Visit) async throws -> Response {
        let session = try await signedInSession(of: visit)
        guard visit.prefersHTML else {
            return .json(["signedOut": .bool(session == nil)])
        }
        return .page(session.map(Page.confirmSignOut) ?? .signedOut, settings: settings)
    }
}
