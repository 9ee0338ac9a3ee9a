import HTTPTypes
import Hummingbird
import LoginFlow
import NIOCore
import OpenIDConnect
import Sessions

extension SessionRoutes {
    /// `GET /session`: who am I; 401 when nobody is.
    ///
    /// Tokens that are about to end are refreshed behind its back: an application that asks with every request of its
    /// users keeps their tokens fresh by that. HEAD has no effect: a monitor that asks by it keeps no session alive.
    func showSession(_ visit: Visit, _ session: Session) async throws -> Response {
        if visit.request.method != .head { flow.refreshInBackground(session, metadata: visit.browser) }
        return visit.prefersHTML
            ? .page(.session(session), settings: settings)
            : .json(SessionView(session: session).json)
    }

    /// `GET /`: who is signed in, and the ways in and out.
    func startPage(_ visit: Visit) async throws -> Response {
        let session = try await signedInSession(of: visit)
        guard visit.prefersHTML else {
            return .json(session.map { SessionView(session: $0).json } ?? ["authenticated": false])
        }
        return .page(
            .start(session, providers: flow.providers.names, applicationName: settings.applicationName),
            settings: settings
        )
    }

    /// `GET /oidc-sessions.css`: the look of the pages.
    func stylesheet(_ visit: Visit) async throws -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/css; charset=utf-8", .cacheControl: "public, max-age=3600"],
            body: .init(byteBuffer: ByteBuffer(string: Stylesheet.text))
        )
    }
}
