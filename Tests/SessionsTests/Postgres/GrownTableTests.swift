import Foundation
import PostgresPipeline
import Secrets
import Testing

@testable import Sessions

/// What a new deployment has, and one that is flooded between two visits of autovacuum: the plans are of tables that were
/// empty, and nothing tells the server to make others.
@Suite("Tables that grew, and were never analyzed")
struct GrownTableTests {
    enum Operation: String, CaseIterable, CustomTestStringConvertible {
        case signIn, signInBeyondLimit, signInAgain, read, update, touch, refresh, startLogin, finishLogin
        case signOut, revoke, revokeAll, enforceLimit, updateUser, endByUser, endByProviderSession, endByBoth
        case sessionsOfUser, listOfUser, summary, endByCriteria

        var testDescription: String { rawValue }

        /// Signs a user in whom nobody else is, does it, and leaves nobody signed in.
        func run(_ fixture: StoreFixture, _ policy: SessionPolicy) async throws {
            let (store, manager) = (fixture.store, fixture.manager(policy))
            let user = UserKey(tenantID: "acme", issuer: "https://id.example", subject: UUID().uuidString)
            var new = login(user)
            new.providerSessionID = "sid-of-\(user.subject)"
            new.accessTokenExpiresAt = Date()
            new.idTokenIssuedAt = Date()
            let session = try await manager.completeLogin(new, replacing: nil)
            var filter = SessionFilter()
            filter.subject = user.subject
            switch self {
            case .signIn: break
            case .signInBeyondLimit:
                for _ in 0..<3 { _ = try await manager.completeLogin(new, replacing: nil) }
                #expect(try await manager.getUserSessions(user).count == 2)
            case .signInAgain:
                _ = try await manager.completeLogin(new, replacing: session.id)
            case .read:
                #expect(try await store.session(session.id, detail: .full, policy: policy) != nil)
            case .update:
                let update = SessionUpdate(accessToken: Secret("next"))
                #expect(try await store.update(session.id, update, policy: policy) != nil)
            case .touch:
                _ = try await store.touch([SessionTouch(id: session.id, age: .zero)], policy: policy)
            case .refresh:
                let request = RefreshLeaseRequest(.expiring(within: .seconds(30)))
                let answer = try await store.acquireRefreshLease(session.id, request, policy: policy)
                guard case .granted(let lease) = answer else {
                    Issue.record("\(answer)")
                    return
                }
                let update = SessionUpdate(accessToken: Secret("next"))
                let done = try await store.completeRefresh(
                    session.id,
                    fence: lease.fence,
                    update,
                    policy: policy
                )
                #expect(done != nil)
            case .startLogin:
                _ = try await store.create(startedLogin(), id: PendingLoginID(), policy: policy)
            case .finishLogin:
                let started = try await store.create(startedLogin(), id: PendingLoginID(), policy: policy)
                #expect(try await store.claim(started.id, state: "MARKED-state", policy: policy) != nil)
            case .signOut:
                #expect(try await store.end(session.id, policy: policy) != nil)
            case .revoke:
                #expect(try await store.revoke(session.id.handle, reason: .revoked, by: nil, policy: policy))
            case .revokeAll:
                #expect(try await manager.invalidateUserSessions(user) == 1)
            case .enforceLimit:
                #expect(try await store.enforceLimit(of: user, maximum: 0, by: nil, policy: policy) == 1)
            case .updateUser:
                #expect(
                    try await store.updateUser(user, profile: ["a": "b"], roles: nil, by: nil, policy: policy) == 1
                )
            case .endByUser: try await end(store, user, byUser: true, bySession: false, policy)
            case .endByProviderSession: try await end(store, user, byUser: false, bySession: true, policy)
            case .endByBoth: try await end(store, user, byUser: true, bySession: true, policy)
            case .sessionsOfUser:
                #expect(try await store.sessions(of: user, policy: policy).count == 1)
            case .listOfUser:
                let page = try await store.sessions(matching: filter, after: nil, limit: 10, policy: policy)
                #expect(page.sessions.count == 1)
            case .summary:
                #expect(try await store.summary(session.id.handle, policy: policy) != nil)
            case .endByCriteria:
                let batch = try await store.endSessions(
                    matching: filter,
                    mode: .delete,
                    after: nil,
                    limit: 10,
                    isDryRun: false,
                    policy: policy
                )
                #expect(batch.ended == 1)
            }
        }

        private func end(
            _ store: PostgresSessionStore,
            _ user: UserKey,
            byUser: Bool,
            bySession: Bool,
            _ policy: SessionPolicy
        ) async throws {
            let notice = LogoutNotice(
                issuer: user.issuer,
                tenantID: user.tenantID,
                subject: byUser ? user.subject : nil,
                providerSessionID: bySession ? "sid-of-\(user.subject)" : nil,
                tokenID: UUID().uuidString,
                issuedAt: Date() + 1
            )
            let outcome = try await store.endByProvider(notice, policy: policy)
            guard case .ended = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
    }

    private static let tables = ["sessions", "logout_tokens", "audit_log"]

    /// How many rows, and entries of indexes, each way through the tables has read.
    private static func reads(_ fixture: StoreFixture) async throws -> [String: Int] {
        let flush = PostgresStatement("SELECT pg_stat_force_next_flush()")
        _ = try await fixture.client.read(flush)
        _ = try await fixture.client.write(flush)
        let names = tables.map { "'\($0)'" }.joined(separator: ", ")
        let rows = try await fixture.texts(
            """
            SELECT indexrelname, idx_tup_read::text FROM pg_stat_user_indexes WHERE relname IN (\(names))
            UNION ALL
            SELECT relname, seq_tup_read::text FROM pg_stat_user_tables WHERE relname IN (\(names))
            """
        )
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] ?? "", $0[1].flatMap { Int($0) } ?? 0) })
    }

    enum Growth: String, CaseIterable, CustomTestStringConvertible {
        case startedLogins, sessionsOfOthers, logoutsOfOthers

        var testDescription: String { rawValue }

        var number: Int { self == .sessionsOfOthers ? 20_000 : 5_000 }

        var script: String {
            switch self {
            case .startedLogins:
                """
                INSERT INTO sessions (id, kind, state, nonce, code_verifier, expires_at, login_slot)
                SELECT
                    encode(sha256(convert_to('started-' || n, 'UTF8')), 'hex'), 'login', repeat('s', 64),
                    repeat('n', 60), repeat('v', 100), now() + interval '10 minutes', 100000 + n
                FROM generate_series(1, \(number)) AS n
                """
            case .sessionsOfOthers:
                """
                INSERT INTO sessions (id, tenant_id, issuer, sub, provider_sid, access_token, created_at, expires_at)
                SELECT
                    encode(sha256(convert_to('other-' || n, 'UTF8')), 'hex'), 'acme', 'https://id.example',
                    'other-' || n, 'sid-of-other-' || n, repeat('a', 100),
                    now() - n * interval '1 second', now() + interval '7 days'
                FROM generate_series(1, \(number)) AS n
                """
            case .logoutsOfOthers:
                """
                INSERT INTO logout_tokens (tenant_id, issuer, jti_digest, sub, provider_sid, issued_at, expires_at)
                SELECT
                    'acme', 'https://id.example', encode(sha256(convert_to('jti-' || n, 'UTF8')), 'hex'),
                    'other-' || n, 'sid-of-other-' || n, now(), now() + interval '15 minutes'
                FROM generate_series(1, \(number)) AS n
                """
            }
        }
    }

    @Test(
        "RV-01 RV-12 what is done for one user reads no more of it for what others have there",
        arguments: Operation.allCases,
        // A new connection plans for the values at hand; from the sixth time on the server keeps a plan for all values.
        [
            (.sessionsOfOthers, 0), (.sessionsOfOthers, 8), (.startedLogins, 8), (.logoutsOfOthers, 8),
        ] as [(Growth, Int)]
    )
    func reads(_ operation: Operation, _ grown: (by: Growth, after: Int)) async throws {
        try await StoreFixture.with(connections: 1) { fixture in
            var policy = SessionPolicy()
            policy.maximumSessionsPerUser = 2
            policy.updateAge = .zero
            for table in Self.tables {
                try await fixture.execute("ALTER TABLE \(table) SET (autovacuum_enabled = false)")
            }
            for _ in 0..<grown.after { try await operation.run(fixture, policy) }
            try await fixture.execute(grown.by.script)
            let before = try await Self.reads(fixture)
            try await operation.run(fixture, policy)
            let after = try await Self.reads(fixture)
            #expect(after.merging(before, uniquingKeysWith: -).filter { $0.value > 200 } == [:])
        }
    }
}
