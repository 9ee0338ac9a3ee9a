import Patience
import PostgresPipeline
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

    /// Holds the first deletion, cancels the work in the middle of it, and lets it go on.
    private func cancelledInTheMiddle(
        _ fixture: StoreFixture,
        _ work: () -> Task<Int, any Error>
    ) async throws -> Int {
        try await fixture.execute(
            """
            CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_advisory_xact_lock(4713);
                -- Not by waiting for the lock: cleaning has a lock_timeout.
                WHILE NOT pg_try_advisory_xact_lock_shared(4712) LOOP PERFORM pg_sleep(0.01); END LOOP;
                RETURN NULL;
            END
            $$
            """
        )
        try await fixture.execute(
            "CREATE TRIGGER hold AFTER DELETE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION hold()"
        )
        return try await fixture.client.withDedicatedConnection { holder in
            try await holder.advisoryLock(4712)
            let task = work()
            let held =
                "SELECT count(*)::text FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database"
                + " WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.objid = 4713"
            try await eventually("the deletion") { try await fixture.text(held) != "0" }
            task.cancel()
            try await holder.advisoryUnlock(4712)
            return try await task.value
        }
    }

    @Test("an ending by criteria that is cancelled in the middle of a batch", .timeLimit(.minutes(5)))
    func endingInTheMiddle() async throws {
        try await withSessions(1500) { fixture, manager in
            var filter = SessionFilter()
            filter.tenantID = "acme"
            let criteria = filter
            let ended = try await cancelledInTheMiddle(fixture) {
                Task { try await manager.endSessions(matching: criteria, mode: .delete, by: nil).ended }
            }
            #expect(ended == 1000)
            #expect(try await fixture.texts("SELECT details ->> 'ended' FROM audit_log") == [["1000"]])
        }
    }

    @Test("a cleaning that is cancelled in the middle of a batch", .timeLimit(.minutes(5)))
    func cleaningInTheMiddle() async throws {
        try await withSessions(6000) { fixture, manager in
            let expired = try await cancelledInTheMiddle(fixture) {
                Task { try await manager.cleanUp(CleanupRequest()).expiredSessions }
            }
            #expect(expired == 5000)
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
