import Foundation
import PostgresPipeline
import Secrets
import Testing

@testable import Sessions

@Suite("A logout by the provider against what else happens at the same moment, at two replicas", .serialized)
struct BackChannelRaceTests {
    private static let rounds = 200
    private static let moment = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))

    private func withReplicas(
        _ body: (StoreFixture, SessionManager, SessionManager) async throws -> Void
    ) async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            try await fixture.replica(connections: 4) { other in
                try await body(fixture, fixture.manager(), other.manager())
            }
        }
    }

    private static func user(_ round: Int) -> UserKey {
        UserKey(tenantID: "acme", issuer: "https://id.example", subject: "user-\(round)")
    }

    private static func login(_ round: Int, sid: String? = "sid", late: TimeInterval = 0) -> AuthenticatedLogin {
        var new = SessionsTests.login(user(round))
        new.providerSessionID = sid.map { "\($0)-\(round)" }
        new.idTokenIssuedAt = moment + late
        return new
    }

    private static func notice(_ round: Int, subject: Bool, sid: Bool, id: String = UUID().uuidString) -> LogoutNotice {
        LogoutNotice(
            issuer: "https://id.example",
            tenantID: "acme",
            subject: subject ? "user-\(round)" : nil,
            providerSessionID: sid ? "sid-\(round)" : nil,
            tokenID: id,
            issuedAt: moment
        )
    }

    @Test(
        "BC-19 no login that the logout is about is alive after both",
        arguments: [(true, false, 0), (false, true, 0), (true, true, 0), (false, true, 2), (true, true, 2)]
    )
    func login(subject: Bool, sid: Bool, late: TimeInterval) async throws {
        try await withReplicas { _, first, second in
            var refused = 0
            for round in 0..<Self.rounds {
                let new = Self.login(round, late: late)
                let notice = Self.notice(round, subject: subject, sid: sid)
                async let session = round % 4 == 1 ? nil : Self.signIn(new, at: first)
                // Left alone, one of the two may come first every time.
                if round % 4 == 0 { _ = try await session }
                async let outcome = second.endByProvider(notice)
                let ended = try await outcome
                let created = round % 4 == 1 ? try await Self.signIn(new, at: first) : try await session
                guard case .ended(let count, _) = ended else {
                    Issue.record("the notice came once")
                    return
                }
                // Either it was found and ended, or it found the notice.
                try #require((created != nil) == (count == 1), "round \(round)")
                if created == nil { refused += 1 }
                try #require(try await first.getUserSessions(Self.user(round)).isEmpty, "round \(round)")
            }
            #expect((1..<Self.rounds).contains(refused), "both orders happened: \(refused) of \(Self.rounds)")
        }
    }

    /// Nil when the provider has ended it before it was stored.
    private static func signIn(_ new: AuthenticatedLogin, at manager: SessionManager) async throws -> Session? {
        do {
            return try await manager.completeLogin(new, replacing: nil)
        } catch {
            guard error.code == .endedByProvider else { throw error }
            return nil
        }
    }

    @Test("BC-10 the same token twice at once ends the sessions once")
    func twice() async throws {
        try await withReplicas { fixture, first, second in
            for round in 0..<Self.rounds {
                _ = try await first.completeLogin(Self.login(round), replacing: nil)
                let notice = Self.notice(round, subject: true, sid: false)
                async let one = first.endByProvider(notice)
                async let two = second.endByProvider(notice)
                let outcomes = [try await one, try await two]
                let ended = outcomes.count { if case .ended(1, _) = $0 { true } else { false } }
                let repeated = outcomes.count { if case .repeated = $0 { true } else { false } }
                try #require(ended == 1 && repeated == 1, "round \(round): \(outcomes)")
            }
            let logged = try await fixture.text("SELECT count(*)::text FROM audit_log WHERE action = 'LOGOUT'")
            #expect(logged == "\(Self.rounds)")
        }
    }

    @Test("RC-07 of a refresh and a logout either the refresh is dropped or its tokens are handed over")
    func refresh() async throws {
        try await withReplicas { _, first, second in
            var dropped = 0
            for round in 0..<Self.rounds {
                var new = Self.login(round)
                new.accessTokenExpiresAt = Date(timeIntervalSinceNow: -1)
                let id = try await first.completeLogin(new, replacing: nil).id
                let request = RefreshLeaseRequest(.expiring(within: .seconds(30)), duration: .seconds(60))
                guard case .granted(let lease) = try await first.acquireRefreshLease(id, request) else {
                    Issue.record("the lease is free")
                    return
                }
                var update = SessionUpdate(accessToken: Secret("new-access-token"))
                update.refreshToken = .set(Secret("new-refresh-token"))
                let notice = Self.notice(round, subject: false, sid: true)
                async let outcome = second.endByProvider(notice)
                // The logout has more to do: without a head start now and then it never comes first.
                if round.isMultiple(of: 4) { _ = try await outcome }
                async let session = first.completeRefresh(id, fence: lease.fence, update)
                let (refreshed, ended) = (try await session, try await outcome)
                guard case .ended(1, let left) = ended else {
                    Issue.record("round \(round): \(ended)")
                    return
                }
                let token = refreshed == nil ? "MARKED-refresh-token" : "new-refresh-token"
                try #require(left.first?.refreshToken?.reveal() == token, "round \(round)")
                try #require(try await first.getSession(id, touch: false) == nil, "round \(round)")
                if refreshed == nil { dropped += 1 }
            }
            #expect((1..<Self.rounds).contains(dropped), "both orders happened: \(dropped) of \(Self.rounds)")
        }
    }

    @Test("BC-14 two thousand sessions of one user end at once, and others aren't kept waiting")
    func many() async throws {
        try await withReplicas { fixture, first, second in
            try await fixture.execute(
                """
                INSERT INTO sessions (id, tenant_id, issuer, sub, refresh_token, created_at, last_accessed_at, expires_at)
                SELECT
                    encode(sha256(n::text::bytea), 'hex'), 'acme', 'https://id.example', 'user-1', 'token-' || n,
                    now() - interval '1 hour', now(), now() + interval '1 day'
                FROM generate_series(1, 2000) AS n
                """
            )
            let other = try await first.completeLogin(Self.login(2), replacing: nil).id
            let start = ContinuousClock.now
            async let outcome = first.endByProvider(Self.notice(1, subject: true, sid: false))
            var reads = 0
            while ContinuousClock.now - start < .milliseconds(200) {
                try #require(try await second.getSession(other, touch: false) != nil)
                reads += 1
            }
            guard case .ended(let count, let left) = try await outcome else {
                Issue.record("the notice came once")
                return
            }
            #expect(count == 2000 && left.count == BackChannelOutcome.maximumSessions)
            // One that waits for the ending would fail, as every statement has a deadline.
            #expect(reads > 0)
            #expect(try await first.getUserSessions(Self.user(1)).isEmpty)
        }
    }

    @Test("Every ended session is in the audit trail with the provider's reason and who asked, and no token")
    func audit() async throws {
        try await withReplicas { fixture, first, _ in
            let session = try await first.completeLogin(Self.login(7), replacing: nil)
            var notice = Self.notice(7, subject: true, sid: true)
            notice.requester = Requester(.provider, name: "main", address: "192.0.2.1", requestID: "r-1")
            _ = try await first.endByProvider(notice)
            let details = try #require(
                try await fixture.text("SELECT details::text FROM audit_log WHERE action = 'LOGOUT'")
            )
            for part in [session.handle.rawValue, "\"provider\"", "user-7", "192.0.2.1", "r-1", "main"] {
                #expect(details.contains(part), "\(part)")
            }
            #expect(try await !fixture.dump().contains("MARKED"))
            #expect(try await !fixture.dump().contains(notice.tokenID))
        }
    }
}
