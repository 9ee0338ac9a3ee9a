import PostgresPipeline
import Testing

@testable import Sessions

/// Runs that are cut off after a batch of 500 pages, on a table of 2200.
@Suite("Passes over the whole table")
struct PassTests {
    private static let days = Duration.seconds(86_400)
    private static let name = "inactive 2592000 s"

    /// A row on each page; those at the end of the table have been unused for forty days.
    private func withTable(_ body: (StoreFixture, SessionManager) async throws -> Void) async throws {
        try await StoreFixture.with { fixture in
            try await fixture.execute("ALTER TABLE sessions SET (fillfactor = 10)")
            try await fixture.execute(
                """
                INSERT INTO sessions (id, created_at, last_accessed_at, expires_at, sub, tenant_id, user_agent)
                SELECT
                    encode(sha256(n::text::bytea), 'hex'), now() - interval '50 days',
                    now() - CASE WHEN n > 2000 THEN interval '40 days' ELSE interval '1 minute' END,
                    now() + interval '3 days', 'user-' || n, 'acme', repeat('x', 400)
                FROM generate_series(1, 2200) AS n
                """
            )
            try #require(try await fixture.text("SELECT (pg_relation_size('sessions') / 8192)::text") == "2200")
            try await body(fixture, fixture.manager(Self.policy()))
        }
    }

    private static func policy(tenantID: String? = nil) -> SessionPolicy {
        var policy = SessionPolicy()
        policy.cleanupPause = .zero
        policy.tenantID = tenantID
        return policy
    }

    /// Inactive sessions only, one batch.
    private func request(days: Int = 30, isBrief: Bool = true) -> CleanupRequest {
        var request = CleanupRequest.nothing
        request.inactiveFor = Self.days * days
        request.timeLimit = isBrief ? .zero : nil
        return request
    }

    @Test("runs that are cut off go on where the last one stopped, whatever else was cleaned between them")
    func goesOn() async throws {
        try await withTable { fixture, manager async throws in
            var (deleted, runs) = (0, 0)
            while runs < 20 {
                let report = try await manager.cleanUp(request())
                deleted += report.inactiveSessions
                runs += 1
                if report.isComplete { break }
                #expect(report.passes == [Self.name: Int64(runs * 500)])
                // The background cleaner, on another replica.
                try await fixture.replica { other in
                    let between = try await other.manager(Self.policy()).cleanUp(CleanupRequest())
                    #expect(between.isComplete && between.passes[Self.name] == Int64(runs * 500))
                }
            }
            #expect(deleted == 200)
            #expect(runs == 5)
            #expect(try await manager.cleanUp(CleanupRequest()).passes.isEmpty, "the next pass begins at the beginning")
        }
    }

    @Test("pages that were judged by another rule are looked at again")
    func otherRule() async throws {
        try await withTable { _, manager async throws in
            _ = try await manager.cleanUp(request())
            let other = try await manager.cleanUp(request(days: 20))
            #expect(other.passes == [Self.name: 500, "inactive 1728000 s": 500])
        }
    }

    @Test("the pass of a tenant's cleaner and the one of all go on by themselves")
    func tenants() async throws {
        try await withTable { fixture, manager async throws in
            let tenant = fixture.manager(Self.policy(tenantID: "acme"))
            #expect(try await tenant.cleanUp(request()).passes[Self.name] == 500)
            #expect(try await tenant.cleanUp(request()).passes[Self.name] == 1000)
            #expect(try await manager.cleanUp(request()).passes[Self.name] == 500)
            #expect(try await tenant.cleanUp(request()).passes[Self.name] == 1500)
            #expect(try await manager.cleanUp(request()).passes[Self.name] == 1000)
        }
    }

    @Test("a run that ends another's pass looks at the pages behind it too, while there is time")
    func secondRound() async throws {
        try await withTable { fixture, manager async throws in
            #expect(try await manager.cleanUp(request()).inactiveSessions == 0)
            try await fixture.execute(
                "UPDATE sessions SET last_accessed_at = now() - interval '31 days' WHERE ctid = '(3,1)'"
            )
            let report = try await manager.cleanUp(request(isBrief: false))
            #expect(report.inactiveSessions == 201 && report.isComplete && report.passes.isEmpty)
        }
    }

    @Test("a rule for orphans is examined again by the run that goes on")
    func orphans() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.execute("CREATE TABLE people (sub TEXT)")
            let rule = try OrphanRule(table: "people.sub")
            let clean = { (place: CleanupCursor.Place) async throws -> CleanupBatch? in
                try await fixture.store.withExclusiveCleaning { cleaning async throws(SessionError) in
                    let cursor = CleanupCursor(place)
                    return try await cleaning.clean(.orphans(rule), after: cursor, limit: 10, policy: Self.policy())
                }
            }
            let error = await #expect(throws: SessionError.self) { try await clean(.resumed(0)) }
            #expect(error?.code == .invalidInput)
            // Within a run once is enough.
            #expect(try await clean(.page(0))?.sessions == 0)
        }
    }

    @Test("a backlog of expired sessions is gone through from where the last run stopped")
    func backlog() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.insertExpired(2000)
            let batch = try await fixture.store.withExclusiveCleaning { cleaning async throws(SessionError) in
                let cursor = CleanupCursor(.resumed(7))
                return try await cleaning.clean(.expired, after: cursor, limit: 100, policy: Self.policy())
            }
            #expect(batch == CleanupBatch(sessions: 100, next: CleanupCursor(.page(7))))
        }
    }

    @Test("passes that nobody comes back to are forgotten once there are many")
    func manyPasses() {
        var policy = Self.policy()
        policy.inactivityTimeout = Self.days * 30
        let few = Dictionary(uniqueKeysWithValues: (1...15).map { ("inactive \($0) s", Int64($0)) })
        #expect(few.remembered(policy) == few)
        let many = few.merging(["inactive 16 s": 16, Self.name: 17]) { $1 }
        #expect(many.remembered(policy) == [Self.name: 17])
    }
}
