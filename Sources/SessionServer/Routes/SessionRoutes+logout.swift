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
        return response.setting(jar.clearedSession)
    }

    /// `GET /logout`: changes nothing, so that no link or image signs anybody out; asks instead.
    ///
    /// `GET /logged-out`, where the provider sends the browser back to, is the same; `state` and whatever else comes
    /// along is ignored.
    func confirmLogout(_ visit: Visit) async throws -> Response {
        let session = try await signedInSession(of: visit)
        guard visit.prefersHTML else {
            return .json(["signedOut": .bool(session == nil)])
        }
        return .page(session.map(Page.confirmSignOut) ?? .signedOut, settings: settings)
    }
}
