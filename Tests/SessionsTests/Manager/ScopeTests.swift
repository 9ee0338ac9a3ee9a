import Logging
import Secrets
import Testing

@testable import Sessions

@Suite("SS-18 a process of one tenant")
struct ScopeTests {
    private let store = InMemorySessionStore()

    private func manager(_ tenantID: String?) -> SessionManager {
        var policy = SessionPolicy()
        policy.tenantID = tenantID
        return SessionManager(
            store: store,
            policy: policy,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func login(_ tenantID: String) -> AuthenticatedLogin {
        AuthenticatedLogin(user: UserKey(tenantID: tenantID, issuer: "i", subject: "alice"))
    }

    @Test("SS-18 gives its tenant to what comes without one")
    func fillsIn() async throws {
        let acme = manager("acme")
        #expect(try await acme.createSession(SessionAttributes()).tenantID == "acme")
        let session = try await acme.completeLogin(login(""), replacing: nil)
        #expect(session.tenantID == "acme")
        let pending = try await acme.beginLogin(startedLogin())
        #expect(pending.tenantID == "acme")
        let user = UserKey(issuer: "i", subject: "alice")
        #expect(try await acme.getUserSessions(user).map(\.handle) == [session.handle])
        #expect(try await acme.updateUserRole(user, to: ["admin"]) == 1)
        #expect(try await acme.invalidateUserSessions(user) == 1)
    }

    @Test("SS-18 creates nothing for another tenant")
    func refuses() async throws {
        let acme = manager("acme")
        let (session, theirs) = (login("other"), SessionAttributes(tenantID: "other"))
        var started = startedLogin()
        started.tenantID = "other"
        let login = started
        let attempts: [@Sendable () async throws -> Void] = [
            { _ = try await acme.completeLogin(session, replacing: nil) },
            { _ = try await acme.createSession(theirs) },
            { _ = try await acme.beginLogin(login) },
        ]
        for attempt in attempts {
            let error = await #expect(throws: SessionError.self) { try await attempt() }
            #expect(error?.code == .invalidInput)
        }
        #expect(try await manager(nil).getSessionStats().total == 0)
    }

    @Test("SS-18 knows nothing of other tenants' sessions, by any verb of the manager")
    func verbs() async throws {
        let session = try await manager("other").completeLogin(login("other"), replacing: nil)
        let acme = manager("acme")
        let user = try #require(session.user)
        #expect(try await acme.getSession(session.id) == nil)
        #expect(try await acme.updateSession(session.id, SessionUpdate()) == nil)
        #expect(try await acme.updateSession(session.id, SessionUpdate(accessToken: Secret("t"), subject: "a")) == nil)
        #expect(try await acme.deleteSession(session.id) == false)
        #expect(try await acme.revokeSession(session.id) == false)
        #expect(try await acme.revokeSession(session.handle) == false)
        #expect(try await acme.session(session.handle) == nil)
        #expect(try await acme.getUserSessions(user).isEmpty)
        #expect(try await acme.invalidateUserSessions(user) == 0)
        #expect(try await acme.updateUserRole(user, to: ["admin"]) == 0)
        #expect(try await acme.updateUserProfile(user, ["a": 1]) == 0)
        #expect(try await acme.enforceUserSessionLimit(user, maximum: 0) == 0)
        #expect(try await acme.listSessions().sessions.isEmpty)
        #expect(try await acme.getAllSessions(tenantID: "other").sessions.isEmpty)
        #expect(try await acme.getSessionStats(tenantID: "other").total == 0)
        var filter = SessionFilter()
        filter.tenantID = "other"
        #expect(try await acme.endSessions(matching: filter, mode: .delete).matched == 0)
        #expect(try await manager("other").getSession(session.id)?.roles == [])
    }
}
