import PostgresPipeline
import Secrets
import Testing

@testable import Sessions

@Suite("The audit trail says who asked")
struct AuditTests {
    /// The verbs of administrators.
    enum Verb: CaseIterable {
        case revokeByHandle, revokeByID, invalidate, enforceLimit, updateRole, updateProfile, endSessions
        case cleanInactive, cleanUp

        /// The action of the row that it leaves.
        var action: String {
            switch self {
            case .revokeByHandle, .revokeByID, .invalidate, .enforceLimit: "REVOKE"
            case .updateRole, .updateProfile: "USER_UPDATED"
            case .endSessions: "SESSIONS_ENDED"
            case .cleanInactive, .cleanUp: "SESSION_CLEANUP"
            }
        }

        /// Acts on the only session of alice.
        func run(_ manager: SessionManager, _ session: SessionID, by requester: Requester?) async throws {
            switch self {
            case .revokeByHandle: #expect(try await manager.revokeSession(session.handle, by: requester))
            case .revokeByID: #expect(try await manager.revokeSession(session, by: requester))
            case .invalidate: #expect(try await manager.invalidateUserSessions(alice, by: requester) == 1)
            case .enforceLimit:
                #expect(try await manager.enforceUserSessionLimit(alice, maximum: 0, by: requester) == 1)
            case .updateRole: #expect(try await manager.updateUserRole(alice, to: ["admin"], by: requester) == 1)
            case .updateProfile:
                #expect(try await manager.updateUserProfile(alice, ["name": "MARKED-name"], by: requester) == 1)
            case .endSessions:
                var filter = SessionFilter()
                filter.subject = "alice"
                #expect(try await manager.endSessions(matching: filter, mode: .delete, by: requester).ended == 1)
            case .cleanInactive: try await manager.cleanInactiveSessions(days: 1, by: requester)
            case .cleanUp: try await manager.cleanUp(by: requester)
            }
        }
    }

    @Test("AD-14 every administrative verb leaves a row with its requester", arguments: Verb.allCases)
    func requester(_ verb: Verb) async throws {
        try await StoreFixture.with { fixture in
            let session = try await fixture.manager().completeLogin(login(), replacing: nil).id
            let requester = Requester(.cron, name: "nightly \"job\"", address: "192.0.2.1", requestID: "r-1")
            try await verb.run(fixture.manager(), session, by: requester)
            let rows = try await fixture.texts(
                """
                SELECT
                    details #>> '{by,surface}', details #>> '{by,name}', details #>> '{by,address}',
                    details #>> '{by,requestID}'
                FROM audit_log WHERE action = '\(verb.action)'
                """
            )
            #expect(rows == [["cron", "nightly \"job\"", "192.0.2.1", "r-1"]], "\(verb)")
            let trail = try await fixture.texts("SELECT a::text FROM audit_log AS a").joined().compactMap { $0 }
            #expect(!trail.joined().contains("MARKED"), "\(verb): no token, no value of a profile")
        }
    }

    @Test("a verb whose requester isn't told leaves its row all the same", arguments: Verb.allCases)
    func nobody(_ verb: Verb) async throws {
        try await StoreFixture.with { fixture in
            let session = try await fixture.manager().completeLogin(login(), replacing: nil).id
            try await verb.run(fixture.manager(), session, by: nil)
            let rows = try await fixture.texts("SELECT details ->> 'by' FROM audit_log WHERE action = '\(verb.action)'")
            #expect(rows == [[nil]], "\(verb)")
        }
    }

    @Test("AD-14 a sign-in leaves who and from where, as far as that is known", arguments: ["2001:db8::1", nil])
    func signIn(address: String?) async throws {
        try await StoreFixture.with { fixture in
            var new = login()
            new.ipAddress = address
            _ = try await fixture.manager().completeLogin(new, replacing: nil)
            let rows = try await fixture.texts(
                """
                SELECT details ->> 'subject', details #>> '{by,surface}', details #>> '{by,address}'
                FROM audit_log WHERE action = 'LOGIN'
                """
            )
            #expect(rows == [["alice", "user", address]])
        }
    }

    @Test("a change of a user leaves what was changed, whose, and in how many sessions; one of nobody leaves nothing")
    func userUpdates() async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            for _ in 0..<2 { _ = try await manager.completeLogin(login(), replacing: nil) }
            try await manager.updateUserRole(alice, to: ["admin", "user"])
            try await manager.updateUserProfile(alice, ["name": "Ada", "email": JSONValue?.none])
            try await manager.updateUserRole(UserKey(tenantID: "acme", issuer: "i", subject: "nobody"), to: [])
            let rows = try await fixture.texts(
                """
                SELECT
                    concat_ws(' ', details ->> 'tenantID', details ->> 'issuer', details ->> 'subject'),
                    details ->> 'sessions', details ->> 'roles', details ->> 'profile'
                FROM audit_log WHERE action = 'USER_UPDATED' ORDER BY created_at
                """
            )
            let user = "acme https://id.example alice"
            #expect(rows == [[user, "2", "[\"admin\", \"user\"]", nil], [user, "2", nil, "[\"email\", \"name\"]"]])
        }
    }
}
