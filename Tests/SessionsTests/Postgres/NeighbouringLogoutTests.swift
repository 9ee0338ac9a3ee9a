import Foundation
import Sessions
import Testing

@Suite("A logout by the provider, and sessions that it isn't about")
struct NeighbouringLogoutTests {
    private static let moment = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
    private static let neighbours = [
        UserKey(tenantID: "other", issuer: alice.issuer, subject: alice.subject),
        UserKey(tenantID: "other", issuer: alice.issuer, subject: "bob"),
        UserKey(tenantID: alice.tenantID, issuer: "https://other.example", subject: alice.subject),
        UserKey(tenantID: alice.tenantID, issuer: "https://other.example", subject: "bob"),
    ]

    private static func new(_ user: UserKey) -> AuthenticatedLogin {
        var new = login(user)
        new.providerSessionID = "sid"
        new.idTokenIssuedAt = moment
        return new
    }

    private static func notice(subject: String?, sid: String?) -> LogoutNotice {
        LogoutNotice(
            issuer: alice.issuer,
            tenantID: alice.tenantID,
            subject: subject,
            providerSessionID: sid,
            tokenID: UUID().uuidString,
            issuedAt: moment
        )
    }

    @Test(
        "SS-18 BC-02 BC-03 at another tenant or issuer they live, and contradict nothing",
        arguments: [(alice.subject, "sid"), (alice.subject, nil), (nil, "sid")] as [(String?, String?)]
    )
    func living(subject: String?, sid: String?) async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            for user in Self.neighbours { _ = try await manager.completeLogin(Self.new(user), replacing: nil) }
            _ = try await manager.completeLogin(Self.new(alice), replacing: nil)
            let outcome = try await manager.endByProvider(Self.notice(subject: subject, sid: sid))
            guard case .ended(1, _) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            for user in Self.neighbours { #expect(try await manager.getUserSessions(user).count == 1) }
        }
    }

    @Test(
        "SS-18 BC-19 at another tenant or issuer whoever has just signed in is let in",
        arguments: [(alice.subject, nil), (nil, "sid")] as [(String?, String?)]
    )
    func beginning(subject: String?, sid: String?) async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            _ = try await manager.endByProvider(Self.notice(subject: subject, sid: sid))
            let error = await #expect(throws: SessionError.self) {
                try await manager.completeLogin(Self.new(alice), replacing: nil)
            }
            #expect(error?.code == .endedByProvider)
            for user in Self.neighbours {
                _ = try await manager.completeLogin(Self.new(user), replacing: nil)
                #expect(try await manager.getUserSessions(user).count == 1)
            }
        }
    }

    @Test("BC-04 one that was revoked contradicts nothing")
    func revoked() async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            let bob = UserKey(tenantID: alice.tenantID, issuer: alice.issuer, subject: "bob")
            let old = try await manager.completeLogin(Self.new(bob), replacing: nil)
            #expect(try await manager.revokeSession(old.id))
            _ = try await manager.completeLogin(Self.new(alice), replacing: nil)
            let outcome = try await manager.endByProvider(Self.notice(subject: alice.subject, sid: "sid"))
            guard case .ended(1, _) = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
    }

    @Test("CB-15 a session that was revoked keeps its date and reason when a browser brings it to a login")
    func replacedAfterRevocation() async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            let old = try await manager.completeLogin(login(), replacing: nil)
            #expect(try await manager.revokeSession(old.id))
            let trace = "SELECT revoked_at || revoked_reason FROM sessions WHERE revoked_at IS NOT NULL"
            let before = try #require(try await fixture.text(trace))
            _ = try await manager.completeLogin(login(), replacing: old.id)
            #expect(try await fixture.text(trace) == before)
        }
    }
}
