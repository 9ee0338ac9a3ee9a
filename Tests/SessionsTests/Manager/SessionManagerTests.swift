import Foundation
import Logging
import Secrets
import Synchronization
import Testing

@testable import Sessions

@Suite("SessionManager")
struct SessionManagerTests {
    private let spy = StoreSpy()
    private let manager: SessionManager
    private let user = UserKey(issuer: "https://id.example", subject: "alice")

    init() {
        manager = SessionManager(store: spy, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test("the documented life of a session: create, get, update, delete")
    func documentedLife() async throws {
        let created = try await manager.createSession(
            SessionAttributes(nonce: Secret("auth-nonce"), state: Secret("param=value"), codeVerifier: Secret("pkce"))
        )
        let read = try #require(try await manager.getSession(created.id))
        #expect(read.nonce?.reveal() == "auth-nonce")
        #expect(read.state?.reveal() == "param=value")
        #expect(read.codeVerifier?.reveal() == "pkce")
        let signedIn = try #require(
            try await manager.updateSession(
                created.id,
                SessionUpdate(accessToken: Secret("new-token"), subject: "user-id")
            )
        )
        #expect(signedIn.accessToken?.reveal() == "new-token")
        #expect(try await manager.deleteSession(signedIn.id))
        #expect(try await manager.getSession(signedIn.id) == nil)
        #expect(try await manager.deleteSession(signedIn.id) == false)
    }

    @Test("promise 3: attaching a subject changes the id, kills the old one, and drops what the login needed")
    func attachingSubjectChangesID() async throws {
        let before = try await manager.createSession(
            SessionAttributes(nonce: Secret("n"), state: Secret("s"), codeVerifier: Secret("v"))
        )
        let after = try #require(
            try await manager.updateSession(before.id, SessionUpdate(accessToken: Secret("t"), subject: "alice"))
        )
        #expect(after.id != before.id)
        #expect(try await manager.getSession(before.id) == nil)
        #expect(after.nonce == nil && after.state == nil && after.codeVerifier == nil)
        let again = try #require(
            try await manager.updateSession(after.id, SessionUpdate(accessToken: Secret("u"), subject: "alice"))
        )
        #expect(again.id == after.id, "the same subject again is no login")
        await #expect(throws: SessionError.self) {
            try await manager.updateSession(after.id, SessionUpdate(accessToken: Secret("u"), subject: "mallory"))
        }
        #expect(try await manager.getSession(after.id)?.subject == "alice")
    }

    @Test("attaching a subject to a session that changes meanwhile takes the change along")
    func attachingSubjectRaces() async throws {
        let before = try await manager.createSession(SessionAttributes())
        let store = spy.base
        spy.plan.withLock { plan in
            plan.beforeCreate = {
                var update = SessionUpdate()
                update.deviceLabel = .set("changed meanwhile")
                _ = store.update(before.id, update, policy: SessionPolicy())
            }
        }
        let after = try await manager.updateSession(
            before.id,
            SessionUpdate(accessToken: Secret("t"), subject: "alice")
        )
        #expect(after?.deviceLabel == "changed meanwhile")
    }

    @Test("SS-01 an id that was never issued is not adopted, by anything")
    func unknownIDs() async throws {
        let guess = try #require(SessionID(String(repeating: "A", count: 43)))
        #expect(try await manager.getSession(guess) == nil)
        #expect(try await manager.updateSession(guess, SessionUpdate(accessToken: Secret("t"))) == nil)
        #expect(try await manager.updateSession(guess, SessionUpdate(accessToken: Secret("t"), subject: "a")) == nil)
        let session = try await manager.completeLogin(AuthenticatedLogin(user: user), replacing: guess)
        #expect(session.id != guess)
        #expect(try await manager.getSession(guess) == nil)
    }

    @Test("RB-03 a creation whose answer is lost is looked up, and never done twice", arguments: [true, false])
    func lostAnswer(happened: Bool) async throws {
        spy.plan.withLock { $0.createErrors = [(SessionError(.outcomeUnknown, "lost"), happened)] }
        let session = try await manager.completeLogin(AuthenticatedLogin(user: user), replacing: nil)
        #expect(try await manager.getSession(session.id) != nil)
        #expect(try await manager.getUserSessions(user).count == 1)
    }

    @Test("a creation whose answer is lost twice reports exactly that")
    func lostAnswers() async throws {
        let lost = SessionError(.outcomeUnknown, "lost")
        spy.plan.withLock { $0.createErrors = [(lost, false), (lost, false)] }
        let error = await #expect(throws: SessionError.self) {
            try await manager.completeLogin(AuthenticatedLogin(user: user), replacing: nil)
        }
        #expect(error?.code == .outcomeUnknown)
    }

    @Test("promise 9: with the store gone, every verb fails; none says that there is no session")
    func failsClosed() async throws {
        let session = try await manager.createSession(SessionAttributes())
        spy.plan.withLock { $0.outage = SessionError(.unavailable, "gone") }
        let (manager, user) = (manager, user)
        let verbs: [@Sendable () async throws -> Void] = [
            { _ = try await manager.createSession(SessionAttributes()) },
            { _ = try await manager.getSession(session.id) },
            { _ = try await manager.getSession(session.id, detail: .identity) },
            { _ = try await manager.updateSession(session.id, SessionUpdate()) },
            { _ = try await manager.deleteSession(session.id) },
            { _ = try await manager.claimLogin(PendingLoginID(), state: Secret("s")) },
            { _ = try await manager.completeLogin(AuthenticatedLogin(user: user), replacing: nil) },
            { _ = try await manager.getUserSessions(user) },
            { _ = try await manager.revokeSession(session.id) },
            { _ = try await manager.invalidateUserSessions(user) },
            { _ = try await manager.updateUserRole(user, to: []) },
            { _ = try await manager.enforceUserSessionLimit(user) },
            { _ = try await manager.getAllSessions() },
            { _ = try await manager.getSessionStats() },
            { _ = try await manager.cleanUp() },
        ]
        for verb in verbs {
            let error = await #expect(throws: SessionError.self) { try await verb() }
            #expect(error?.isTransient == true)
        }
        spy.plan.withLock { $0.outage = nil }
        #expect(try await manager.getSession(session.id) != nil)
    }

    private static let refused: [(@Sendable (inout SessionAttributes) -> Void, SessionError.Code)] = [
        ({ $0.subject = "" }, .invalidInput),
        ({ $0.subject = "a\0b" }, .invalidInput),
        ({ $0.tenantID = "\0" }, .invalidInput),
        ({ $0.accessToken = Secret("a\0") }, .invalidInput),
        ({ $0.profile = ["a": ["b": "\0"]] }, .invalidInput),
        ({ $0.profile = ["\0": 1] }, .invalidInput),
        ({ $0.roles = ["\0"] }, .invalidInput),
        ({ $0.subject = String(repeating: "s", count: 256) }, .tooLarge),
        ({ $0.issuer = String(repeating: "i", count: 2049) }, .tooLarge),
        ({ $0.idToken = Secret(String(repeating: "t", count: 65_537)) }, .tooLarge),
        ({ $0.profile = ["a": .string(String(repeating: "p", count: 65_536))] }, .tooLarge),
        ({ $0.roles = Array(repeating: "role", count: 20_000) }, .tooLarge),
    ]

    @Test(
        "SS-17 PD-15 what is too large or can't be stored is refused before the store is asked",
        arguments: refused.indices
    )
    func refuses(_ index: Int) async throws {
        let (change, code) = Self.refused[index]
        var attributes = SessionAttributes()
        change(&attributes)
        let manager = manager
        let error = await #expect(throws: SessionError.self) { try await manager.createSession(attributes) }
        #expect(error?.code == code)
        #expect(spy.plan.withLock { $0.calls } == 0)
    }

    @Test("the same holds for updates, started logins and user names")
    func refusesElsewhere() async throws {
        let session = try await manager.createSession(SessionAttributes())
        let calls = spy.plan.withLock { $0.calls }
        var update = SessionUpdate()
        update.deviceLabel = .set("\0")
        var removal = SessionUpdate()
        removal.profile = ["\0": JSONValue?.none]
        let (manager, updates) = (manager, [update, removal])
        for update in updates {
            let error = await #expect(throws: SessionError.self) { try await manager.updateSession(session.id, update) }
            #expect(error?.code == .invalidInput)
        }
        for subject in ["", "\0", String(repeating: "s", count: 256)] {
            let user = UserKey(issuer: "i", subject: subject)
            await #expect(throws: SessionError.self) { try await manager.getUserSessions(user) }
            await #expect(throws: SessionError.self) { try await manager.invalidateUserSessions(user) }
            await #expect(throws: SessionError.self) { try await manager.updateUserRole(user, to: []) }
        }
        let login = NewPendingLogin(
            state: Secret("s"),
            nonce: Secret("n"),
            codeVerifier: Secret("v"),
            issuer: "i",
            provider: "p",
            redirectURI: "r",
            returnTo: "/" + String(repeating: "x", count: 2048)
        )
        let error = await #expect(throws: SessionError.self) { try await manager.beginLogin(login) }
        #expect(error?.code == .tooLarge)
        for days in [0, -1, 36_501, Int.max] {
            await #expect(throws: SessionError.self) { try await manager.cleanInactiveSessions(days: days) }
        }
        for limit in [0, -1, 1001] {
            await #expect(throws: SessionError.self) { try await manager.getAllSessions(limit: limit) }
        }
        #expect(spy.plan.withLock { $0.calls } == calls)
    }

    @Test("a browser's name is kept printable and short")
    func userAgent() async throws {
        var login = AuthenticatedLogin(user: user)
        login.userAgent = "Mozilla\r\nSet-Cookie: x\u{1B}[31m\0" + String(repeating: "x", count: 1000)
        let session = try await manager.completeLogin(login, replacing: nil)
        let stored = try #require(session.userAgent)
        #expect(stored.hasPrefix("MozillaSet-Cookie: x[31mx"))
        #expect(stored.count == 512)
    }

    @Test("the documented utilities act on a user's sessions")
    func utilities() async throws {
        var ids: [SessionID] = []
        for _ in 0..<3 {
            ids.append(try await manager.completeLogin(AuthenticatedLogin(user: user), replacing: nil).id)
        }
        #expect(try await manager.updateUserRole(user, to: ["admin"]) == 3)
        #expect(try await manager.updateUserProfile(user, ["name": "Ada"]) == 3)
        #expect(try await manager.getSession(ids[0])?.profile == ["name": "Ada"])
        #expect(try await manager.getSession(ids[0])?.roles == ["admin"])
        #expect(try await manager.invalidateUserSessions(user, except: ids[1]) == 2)
        #expect(try await manager.getUserSessions(user).map(\.handle) == [ids[1].handle])
        #expect(try await manager.revokeSession(ids[1].handle))
        #expect(try await manager.revokeSession(ids[1]) == false)
        #expect(try await manager.getSessionStats().revoked == 3)
        let trail = spy.base.auditTrail.map(\.action)
        #expect(trail.count { $0 == .login } == 3)
        #expect(trail.count { $0 == .revoke } == 3)
    }
}
