import Hummingbird
import LoginFlow
import Sessions

extension SessionRoutes {
    /// `POST /session/refresh`: who am I, once the access token is good for a while; refreshes it if need be.
    ///
    /// 401 when nobody is signed in, or not any more: the provider may refuse. 503 with `Retry-After` when it can't be
    /// told: the session lives on. Never a token. From our own pages only, because it makes a request to the provider.
    func refreshSession(_ visit: Visit, _ session: Session) async throws -> Response {
        guard let fresh = try await freshSession(of: visit), fresh.subject != nil else {
            throw ServerError.notSignedIn
        }
        return .json(SessionView(session: fresh).json)
    }
}
