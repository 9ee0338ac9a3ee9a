import Foundation
import Logging
import PostgresPipeline
import Testing

@testable import Sessions

@Suite("Promise 8: among replicas, one cleaner at a time, and all of them know what it did")
struct CleaningReplicasTests {
    private static func policy(_ name: String) -> SessionPolicy {
        var policy = SessionPolicy()
        policy.instanceName = name
        policy.cleanupPause = .zero
        return policy
    }

    @Test("while one cleans, every other sees that it does and who it is; afterwards, what it did")
    func leader() async throws {
        try await StoreFixture.with { first in
            try await first.replica { second in
                let observer = second.manager(Self.policy("b"))
                let before = try await observer.cleanupStatus()
                #expect(!before.isRunning && before.leader == nil && before.lastRun == nil && before.lastFailure == nil)
                let meanwhile = try await first.store.withExclusiveCleaning {
                    cleaning async throws(SessionError) -> CleanupStatus in
                    try await cleaning.begin(as: "host-1.example/42")
                    let other = try await observer.cleanUp()
                    #expect(!other.didRun)
                    return try await observer.cleanupStatus()
                }
                #expect(meanwhile?.isRunning == true && meanwhile?.leader == "host-1.example/42")
                #expect(try await first.manager(Self.policy("a")).cleanUp().didRun)
                let after = try await observer.cleanupStatus()
                #expect(!after.isRunning && after.leader == "a" && after.lastRun?.instance == "a")
                #expect(try await observer.cleanUp().didRun)
                #expect(try await first.manager(Self.policy("a")).cleanupStatus().leader == "b")
            }
        }
    }

    @Test("AD-07 a hundred calls at once on two replicas: one at a time cleans, nothing is deleted or counted twice")
    func hundredCalls() async throws {
        try await StoreFixture.with { first in
            try await first.replica { second in
                try await first.insertExpired(3000)
                let managers = [first.manager(Self.policy("a")), second.manager(Self.policy("b"))]
                let reports = try await withThrowingTaskGroup(of: CleanupReport.self) { group in
                    for number in 0..<100 { group.addTask { try await managers[number % 2].cleanUp() } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(reports.map(\.deleted).reduce(0, +) == 3000)
                let runs = reports.count { $0.didRun }
                #expect((1..<100).contains(runs), "some were turned away: \(runs)")
                let audited = "SELECT count(*)::text FROM audit_log WHERE action = 'SESSION_CLEANUP'"
                #expect(try await first.text(audited) == "\(runs)")
            }
        }
    }

    @Test("services of two replicas do what was missed once, and the hourly count once")
    func services() async throws {
        try await StoreFixture.with { first in
            try await first.replica { second in
                let clocks = [ManualClock(), ManualClock()]
                let managers = [first, second].enumerated().map { index, fixture in
                    SessionManager(
                        store: fixture.store,
                        policy: Self.policy("\(index)"),
                        logger: fixture.log.logger,
                        clock: clocks[index]
                    )
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for manager in managers { group.addTask { await manager.cleaner.run() } }
                    for clock in clocks { try await clock.sleepers(1) }
                    // Whoever was turned away looks again.
                    for clock in clocks { clock.advance(by: .seconds(30)) }
                    for clock in clocks { try await clock.sleepers(1) }
                    group.cancelAll()
                }
                let now = try #require(try await first.store.cleaningRecord(policy: SessionPolicy()).readAt)
                let hour = managers[0].cleaner.schedule.lastDue(.statistics, at: now)
                // One of them may be turned away, and would look again.
                _ = try await [managers[0].cleaner.count(due: hour), managers[1].cleaner.count(due: hour)]
                let jobs = try await first.texts(
                    """
                    SELECT coalesce(job, action), count(*)::text
                    FROM audit_log
                    LEFT JOIN LATERAL jsonb_array_elements_text(details -> 'jobs') AS job ON true
                    WHERE coalesce(job, action) <> 'frequent'
                    GROUP BY 1 ORDER BY 1
                    """
                )
                #expect(jobs == [["SESSION_STATISTICS", "1"], ["daily", "1"]])
                let lines = [first, second].map {
                    $0.log.count("Session Stats - Total: 0, Active: 0, Expired: 0, Revoked: 0")
                }
                #expect(lines.reduce(0, +) == 1)
            }
        }
    }

    @Test("SS-18 a tenant's cleaner counts and removes no other tenants' rows, and isn't taken for a cleaner of all")
    func tenants() async throws {
        try await StoreFixture.with { fixture in
            for tenant in ["acme", "other"] {
                try await fixture.insertSession("alice", tenant: tenant)
                var login = startedLogin(state: tenant)
                login.tenantID = tenant
                _ = try await fixture.manager(Self.policy("a")).beginLogin(login)
                try await fixture.execute(
                    """
                    INSERT INTO logout_tokens (tenant_id, issuer, jti_digest, sub, issued_at, expires_at)
                    VALUES ('\(tenant)', 'i', repeat('0', 64), 'alice', now(), now() - interval '1 minute')
                    """
                )
                try await fixture.execute(
                    """
                    INSERT INTO audit_log (action, created_at, details)
                    VALUES ('LOGIN', now() - interval '9 years', jsonb_build_object('tenantID', '\(tenant)'))
                    """
                )
            }
            try await fixture.execute(
                "UPDATE sessions SET expires_at = now() - interval '1 day', last_accessed_at = now() - interval '1 day'"
            )
            var policy = Self.policy("a")
            policy.tenantID = "acme"
            var request = CleanupRequest(policy: policy)
            for isDryRun in [true, false] {
                request.isDryRun = isDryRun
                let report = try await fixture.manager(policy).cleanUp(request)
                let rows = report.counts.filter { $0.rows > 0 }.map { "\($0.name) \($0.rows)" }
                #expect(Set(rows) == ["expiredSessions 1", "abandonedLogins 1", "logoutTokens 1", "auditRows 1"])
            }
            #expect(try await fixture.text("SELECT string_agg(tenant_id, ' ') FROM sessions") == "other other")
            #expect(try await fixture.text("SELECT string_agg(tenant_id, ' ') FROM logout_tokens") == "other")
            #expect(try await fixture.manager(policy).cleanupStatus().lastRun?.deleted == 2)
            #expect(try await fixture.manager(Self.policy("b")).cleanupStatus().lastRun == nil)
            #expect(try await fixture.manager(Self.policy("b")).cleanUp().deleted == 2)
            #expect(try await fixture.manager(policy).cleanupStatus().lastRun?.instance == "b")
        }
    }

    @Test(
        "a batch that meets a deadlock or a serialization failure is tried again",
        arguments: ["40P01", "40001", "55P03"]
    )
    func conflicts(state: String) async throws {
        try await StoreFixture.with { fixture in
            try await fixture.insertExpired(10)
            try await fixture.execute("CREATE SEQUENCE attempts")
            try await fixture.execute(
                """
                CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF nextval('attempts') < 4 THEN
                        RAISE EXCEPTION 'on purpose' USING ERRCODE = '\(state)';
                    END IF;
                    RETURN OLD;
                END $$
                """
            )
            try await fixture.execute(
                "CREATE TRIGGER fail BEFORE DELETE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION fail()"
            )
            #expect(try await fixture.manager(Self.policy("a")).cleanUp().expiredSessions == 10)
            #expect(fixture.log.count("Session cleanup failed") == 0)
        }
    }

    @Test("the limit waits for a login of the user, a little, and is tried again")
    func limitMeetsLogin() async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            for number in 0..<12 {
                try await fixture.insertSession("alice", tenant: "acme", age: "\(number) minutes")
            }
            var request = CleanupRequest.nothing
            request.maximumSessionsPerUser = 10
            let frozen = request
            let manager = fixture.manager(Self.policy("a"))
            try await fixture.client.transaction { transaction in
                try await transaction.query(
                    PostgresStatement(
                        "SELECT pg_advisory_xact_lock(session_user_lock('acme', 'https://id.example', 'alice'))"
                    )
                )
                let error = await #expect(throws: SessionError.self) { try await manager.cleanUp(frozen) }
                #expect(error?.isTransient == true, "the run gives up and comes again; nobody waits for long")
            }
            #expect(try await manager.cleanUp(frozen).limitedSessions == 2)
        }
    }
}
