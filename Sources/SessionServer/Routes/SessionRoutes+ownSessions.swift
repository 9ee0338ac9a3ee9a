import Hummingbird
import LoginFlow
import OpenIDConnect
import Sessions

/// A user's own sessions: nobody else's can be seen, named or ended here.
extension SessionRoutes {
    /// `GET /sessions`: where else this user is signed in.
    func listOwnSessions(_ visit: Visit, _ session: Session) async throws -> Response {
        let views = try await ownSessions(session).map { OwnSessionView($0, isCurrent: $0.handle == session.handle) }
        return visit.prefersHTML
            ? .page(.ownSessions(views), settings: settings)
            : .json(["sessions": .array(views.map(\.json))])
    }

    /// `DELETE /sessions/{handle}`, and `POST /sessions/{handle}/revoke` for forms, which have no DELETE.
    ///
    /// A handle of somebody else's session is as unknown as one that never was. Ending the one that asks is signing out.
    func revokeOwnSession(_ visit: Visit, _ session: Session) async throws -> Response {
        guard let handle = visit.handle else { throw ServerError.noSuchSession }
        if handle == session.handle { return try await signOut(session.id, visit) }
        guard try await ownSessions(session).contains(where: { $0.handle == handle }) else {
            throw ServerError.noSuchSession
        }
        let isRevoked = try await flow.manager.revokeSession(handle, by: requester(session, visit))
        return visit.prefersHTML ? .seeOther(Paths.sessions) : .json(["revoked": isRevoked ? 1 : 0])
    }

    /// `POST /sessions/revoke-others`: leaves this browser signed in, and no other.
    func revokeOtherSessions(_ visit: Visit, _ session: Session) async throws -> Response {
        guard let user = session.user else { throw ServerError.notSignedIn }
        let count = try await flow.manager.invalidateUserSessions(
            user,
            except: session.id,
            by: requester(session, visit)
        )
        return visit.prefersHTML ? .seeOther(Paths.sessions) : .json(["revoked": .integer(Int64(count))])
    }

    private func requester(_ session: Session, _ visit: Visit) -> Requester {
        Requester(.user, name: session.subject, address: visit.browser.ipAddress, requestID: visit.requestID)
    }

    private func ownSessions(_ session: Session) async throws -> [SessionSummary] {
        guard let user = session.user else { throw ServerError.notSignedIn }
        return try await flow.manager.getUserSessions(user)
    }
}
