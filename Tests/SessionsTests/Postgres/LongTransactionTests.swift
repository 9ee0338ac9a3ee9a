import Foundation
import Patience
import PostgresPipeline
import Secrets
import Sessions
import Testing

/// `now()` is when a transaction began; whoever has waited for a lock since lives later than that.
@Suite("Statements that wait longer than a session lives", .serialized)
struct LongTransactionTests {
    enum Verb: CaseIterable {
        case update
        case signIn
        case renewLease
        case completeRefresh
        case revoke
        case claimLogin
    }

    private static let waiting = PostgresStatement(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'
        """
    )

    @Test("RK-03 what ended while a statement waited for its row has ended for it, too", arguments: Verb.allCases)
    func ended(verb: Verb) async throws {
        try await StoreFixture.with { fixture in
            let manager = fixture.manager()
            let pending = try await manager.beginLogin(startedLogin())
            var new = login()
            new.accessTokenExpiresAt = Date(timeIntervalSince1970: 1_700_000_000)
            let session =
                verb == .signIn
                ? try await manager.createSession(SessionAttributes())
                : try await manager.completeLogin(new, replacing: nil)
            var fence: Int64 = 0
            let request = RefreshLeaseRequest(.expiring(within: .seconds(30)))
            if case .granted(let lease) = try await manager.acquireRefreshLease(session.id, request) {
                fence = lease.fence
            }
            let held = fence
            let result = try await fixture.client.withDedicatedConnection { holder in
                try await holder.execute(script: "BEGIN; SELECT FROM sessions FOR UPDATE")
                async let result = Self.attempt(verb, manager, session, pending, fence: held)
                try await eventually("it waits for the row") {
                    try await fixture.client.read(Self.waiting).first?.int8(0) != 0
                }
                // After the statement began, before it goes on.
                try await holder.execute(script: "UPDATE sessions SET expires_at = clock_timestamp(); COMMIT")
                return try await result
            }
            #expect(result == false, "it went by the moment at which it began")
        }
    }

    /// Whether it did something.
    private static func attempt(
        _ verb: Verb,
        _ manager: SessionManager,
        _ session: Session,
        _ pending: PendingLogin,
        fence: Int64
    ) async throws -> Bool {
        switch verb {
        case .update:
            return try await manager.updateSession(session.id, SessionUpdate(accessToken: Secret("t"))) != nil
        case .signIn:
            var update = SessionUpdate(accessToken: Secret("t"), subject: "alice")
            update.issuer = "https://id.example"
            return try await manager.updateSession(session.id, update) != nil
        case .renewLease:
            return try await manager.renewRefreshLease(session.id, fence: fence, duration: .seconds(60))
        case .completeRefresh:
            let update = SessionUpdate(accessToken: Secret("t"))
            return try await manager.completeRefresh(session.id, fence: fence, update) != nil
        case .revoke:
            return try await manager.revokeSession(session.handle)
        case .claimLogin:
            return try await manager.claimLogin(pending.id, state: Secret("MARKED-state")) != nil
        }
    }
}
