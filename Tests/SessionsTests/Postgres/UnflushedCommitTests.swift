import Glibc
import PostgresPipeline
import PrivatePostgres
import Secrets
import SessionStoreConformance
import TestSupport
import Testing

@testable import Sessions

/// What is not waited for until it is on the disk, and what is.
@Suite("Commits that don't wait for the disk")
struct UnflushedCommitTests {
    /// On a server where nobody but commits that wait writes the log out, and nobody works by himself.
    private func with(_ body: (StoreFixture) async throws -> Void) async throws {
        try await TestDatabase.withServer { options in
            options.settings["autovacuum"] = "off"
            // Nothing about running transactions either.
            options.settings["wal_level"] = "minimal"
            options.settings["max_wal_senders"] = "0"
        } _: { server in
            try await TestDatabase.migrate(server.connectionString)
            try await StoreFixture.connected(to: server.connectionString) { fixture in
                let writer = try #require(
                    try await fixture.text("SELECT pid::text FROM pg_stat_activity WHERE backend_type = 'walwriter'")
                        .flatMap { pid_t($0) }
                )
                #expect(kill(writer, SIGSTOP) == 0)
                defer { kill(writer, SIGCONT) }
                try await body(fixture)
            }
        }
    }

    /// Whether everything that was written is in the file of the log.
    private func isFlushed(_ fixture: StoreFixture) async throws -> Bool {
        try await fixture.text("SELECT (pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn())::text") == "true"
    }

    private func flush(_ fixture: StoreFixture) async throws {
        try await fixture.execute("SELECT pg_logical_emit_message(true, 'tests', 'behind it')::text")
        #expect(try await isFlushed(fixture))
    }

    @Test("RC-12 a login's start, its claim and a touch don't wait for the disk; what stores or ends a session does")
    func unflushed() async throws {
        try await with { fixture in
            let manager = fixture.manager()
            var policy = SessionPolicy()
            policy.updateAge = .zero
            let touching = policy
            let session = try await manager.completeLogin(login(), replacing: nil)
            let pending = try await manager.beginLogin(startedLogin())
            let unflushed: [(String, () async throws -> Bool)] = [
                ("start", { try await manager.beginLogin(startedLogin()).returnTo == "/MARKED-return-to" }),
                ("claim", { try await manager.claimLogin(pending.id, state: Secret("MARKED-state")) != nil }),
                (
                    "touch",
                    { try await fixture.store.touch([SessionTouch(id: session.id, age: .zero)], policy: touching) == 1 }
                ),
            ]
            for (name, statement) in unflushed {
                try await flush(fixture)
                let isDone = try await statement()
                #expect(isDone, "\(name)")
                #expect(try await !isFlushed(fixture), "\(name)")
                _ = try await manager.completeLogin(login(), replacing: nil)
                #expect(try await isFlushed(fixture), "what stores a session comes after \(name)")
            }
            #expect(try await manager.deleteSession(session.id))
            #expect(try await isFlushed(fixture))
        }
    }
}
