import Patience
import Testing

@testable import Sessions

@Suite("AD-14 what was done is in the audit trail, though nobody waits for it any more")
struct CancelledWorkTests {
    /// More sessions than one batch takes, of one tenant and over since yesterday.
    private func withSessions(_ count: Int, _ body: (StoreFixture, SessionManager) async throws -> Void) async throws {
        try await StoreFixture.with { fixture in
            try await fixture.execute(
                """
                INSERT INTO sessions (id, sub, tenant_id, expires_at)
                SELECT encode(sha256(n::text::bytea), 'hex'), 'user-' || n, 'acme', now() - interval '1 day'
                FROM generate_series(1, \(count)) AS n
                """
            )
            var policy = SessionPolicy()
            policy.cleanupPause = .seconds(3600)
            try await body(fixture, fixture.manager(policy))
        }
    }

    /// Waits until the first batch is through, which is when the work pauses.
    private func firstBatch(_ fixture: StoreFixture, of count: Int) async throws {
        try await eventually("the first batch") {
            try await fixture.text("SELECT count(*)::text FROM sessions") != "\(count)"
        }
    }

    /// Makes the first deletion take a second, and waits until that second has begun.
    private func slowDeletion(
        _ fixture: StoreFixture,
        _ work: () -> Task<Int, any Error>
    ) async throws -> Task<Int, any Error> {
        try await fixture.execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END'"
        )
        try await fixture.execute(
            "CREATE TRIGGER slow AFTER DELETE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION slow()"
        )
        let task = work()
        let sleeping =
            "SELECT count(*)::text FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
            + " AND datname = current_database()"
        try await eventually("the deletion") { try await fixture.text(sleeping) != "0" }
        return task
    }

    @Test("an ending by criteria that is cancelled in the middle of a batch", .timeLimit(.minutes(5)))
    func endingInTheMiddle() async throws {
        try await withSessions(1500) { fixture, manager in
            var filter = SessionFilter()
            filter.tenantID = "acme"
            let criteria = filter
            let task = try await slowDeletion(fixture) {
                Task { try await manager.endSessions(matching: criteria, mode: .delete, by: nil).ended }
            }
            task.cancel()
            #expect(try await task.value == 1000)
            #expect(try await fixture.texts("SELECT details ->> 'ended' FROM audit_log") == [["1000"]])
        }
    }

    @Test("a cleaning that is cancelled in the middle of a batch", .timeLimit(.minutes(5)))
    func cleaningInTheMiddle() async throws {
        try await withSessions(6000) { fixture, manager in
            let task = try await slowDeletion(fixture) {
                Task { try await manager.cleanUp(CleanupRequest()).expiredSessions }
            }
            task.cancel()
            #expect(try await task.value == 5000)
            #expect(try await fixture.texts("SELECT details ->> 'expiredSessions' FROM audit_log") == [["5000"]])
        }
    }

    @Test("an ending by criteria that is cancelled between two batches", .timeLimit(.minutes(5)))
    func ending() async throws {
        try await withSessions(1500) { fixture, manager in
            var filter = SessionFilter()
            filter.tenantID = "acme"
            let criteria = filter
            let task = Task {
                try await manager.endSessions(matching: criteria, mode: .delete, by: Requester(.cli, name: "ops"))
            }
            try await firstBatch(fixture, of: 1500)
            task.cancel()
            let outcome = try await task.value
            #expect(outcome.ended == 1000 && !outcome.isComplete)
            let row = try await fixture.texts(
                "SELECT details ->> 'ended', details -> 'by' ->> 'name', details ->> 'tenantID' FROM audit_log"
            )
            #expect(row == [["1000", "ops", "acme"]])
        }
    }

    @Test("a cleaning that is cancelled between two batches", .timeLimit(.minutes(5)))
    func cleaning() async throws {
        try await withSessions(6000) { fixture, manager in
            let task = Task { try await manager.cleanUp(CleanupRequest()) }
            try await firstBatch(fixture, of: 6000)
            task.cancel()
            let report = try await task.value
            #expect(report.expiredSessions == 5000 && !report.isComplete)
            let row = try await fixture.texts(
                "SELECT action, details ->> 'expiredSessions', details ->> 'complete' FROM audit_log"
            )
            #expect(row == [["SESSION_CLEANUP", "5000", "false"]])
        }
    }

    @Test("work that gets no answer ends soon after its task is cancelled", .timeLimit(.minutes(5)))
    func noAnswer() async {
        let (begun, signal) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            _ = await #expect(throws: SessionError.self) {
                try await inAnyCase(grace: .milliseconds(1)) { () async throws(SessionError) in
                    signal.yield()
                    // The answer that never comes.
                    do { try await Task.sleep(for: .seconds(86_400)) } catch {
                        throw SessionError(.cancelled, "given up")
                    }
                }
            }
        }
        for await _ in begun { break }
        task.cancel()
        await task.value
    }
}
