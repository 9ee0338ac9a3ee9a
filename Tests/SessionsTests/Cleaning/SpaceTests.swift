import Foundation
import Logging
import Patience
import PostgresPipeline
import Secrets
import Synchronization
import Testing

@testable import Sessions

@Suite("What a cleaning gives back")
struct SpaceTests {
    /// A flood of started logins, as large as real ones, and who signed in meanwhile.
    private struct Flood {
        let fixture: StoreFixture
        /// Of the sealed context, which has the address to return to.
        var context = 250
        var people: [SessionID] = []

        static let parts = 12
        static let perPart = 2_500
        static var logins: Int { parts * perPart }

        /// The rows of a tenth, out of the order of their ends.
        private func start(_ part: Int) async throws {
            try await fixture.execute(
                """
                INSERT INTO sessions (
                    id, kind, issuer, nonce, code_verifier, login_context, created_at, last_accessed_at, expires_at
                )
                SELECT
                    encode(sha256(convert_to('flood-\(part)-' || n, 'UTF8')), 'hex'), 'login', 'https://id.example',
                    repeat('n', 150), repeat('v', 150), repeat('c', \(context)), now() - interval '1 hour',
                    now() - interval '1 hour', now() - random() * interval '40 minutes'
                FROM generate_series(1, \(Self.perPart)) AS n
                """
            )
        }

        mutating func come(withPeople perPart: Int) async throws {
            for part in 0..<Self.parts {
                try await start(part)
                for _ in 0..<perPart { try await signIn() }
            }
        }

        mutating func signIn() async throws {
            let user = UserKey(issuer: "https://id.example", subject: "user-\(people.count)")
            people.append(try await fixture.manager().completeLogin(login(user), replacing: nil).id)
        }

        /// Who is no longer what he was.
        func lost(of people: [SessionID]? = nil) async throws -> Int {
            var lost = 0
            for id in people ?? self.people {
                let session = try await fixture.manager().getSession(id, detail: .full)
                if session?.attributes.accessToken?.reveal() != "MARKED-access-token" { lost += 1 }
            }
            return lost
        }
    }

    private static func with(
        context: Int = 250,
        _ body: (inout Flood) async throws -> Void
    ) async throws {
        try await StoreFixture.with(connections: 4) { fixture in
            try await fixture.execute("ALTER TABLE sessions SET (autovacuum_enabled = false)")
            try await fixture.execute("ALTER TABLE sessions SET (toast.autovacuum_enabled = false)")
            var flood = Flood(fixture: fixture, context: context)
            for _ in 0..<100 { try await flood.signIn() }
            try await body(&flood)
        }
    }

    private static func megabytes(_ fixture: StoreFixture, _ size: String = "pg_table_size") async throws -> Double {
        let bytes = try await fixture.text("SELECT \(size)('sessions')::text")
        return try #require(bytes.flatMap { Double($0) }) / 1_048_576
    }

    @Test("RV-01 RB-22 after one cleaning of a flood the table has its size of before, without autovacuum")
    func flood() async throws {
        try await Self.with { flood in
            let fixture = flood.fixture
            let before = try await Self.megabytes(fixture, "pg_relation_size")
            for _ in 0..<2 {
                try await flood.come(withPeople: 0)
                #expect(try await Self.megabytes(fixture, "pg_relation_size") > before)
                let report = try await fixture.manager().cleanUp(CleanupRequest())
                #expect(report.abandonedLogins == Flood.logins)
                #expect(try await Self.megabytes(fixture, "pg_relation_size") == before)
            }
            #expect(try await flood.lost() == 0)
        }
    }

    @Test(
        "RV-01 RB-22 sessions that began during a flood keep the table from nothing, and lose nothing",
        arguments: [250, 2_800]
    )
    func people(_ context: Int) async throws {
        try await Self.with(context: context) { flood in
            let fixture = flood.fixture
            try await flood.come(withPeople: 10)
            #expect(try await Self.megabytes(fixture) > 20)
            let report = try await fixture.manager().cleanUp(CleanupRequest())
            #expect(report.abandonedLogins == Flood.logins)
            // 220 sessions with three tokens are a megabyte; they lie where the first eighth of the flood was.
            #expect(try await Self.megabytes(fixture) < 4)
            #expect(try await flood.lost() == 0)
            #expect(try await fixture.text("SELECT count(*)::text FROM sessions") == "\(flood.people.count)")
            #expect(try await fixture.text("SELECT max(revision)::text FROM sessions") == "0")
        }
    }

    @Test("RV-01 RB-22 what reads, uses, ends and claims rows while they are moved finds them, and keeps its effect")
    func besideOthers() async throws {
        try await Self.with { flood in
            try await flood.come(withPeople: 20)
            let (fixture, people) = (flood.fixture, flood.people)
            let manager = fixture.manager()
            var pending: [PendingLogin] = []
            for _ in 0..<100 { pending.append(try await manager.beginLogin(startedLogin())) }
            let (stays, leaving) = (Array(people.dropLast(120)), Array(people.suffix(120)))
            let logins = pending
            var policy = SessionPolicy()
            policy.updateAge = .zero
            let touching = policy
            try await withThrowingTaskGroup(of: Void.self) { group in
                let isClean = ManualFlag()
                group.addTask {
                    _ = try await manager.cleanUp(CleanupRequest())
                    isClean.set()
                }
                group.addTask {
                    while !isClean.isSet {
                        for id in stays {
                            let session = try await manager.getSession(id)
                            #expect(session != nil)
                        }
                    }
                }
                group.addTask {
                    while !isClean.isSet {
                        for id in stays {
                            _ = try await fixture.store.touch([SessionTouch(id: id, age: .zero)], policy: touching)
                        }
                    }
                }
                group.addTask {
                    for id in leaving.reversed() {
                        let isEnded = try await manager.deleteSession(id)
                        #expect(isEnded)
                    }
                }
                group.addTask {
                    for login in logins.reversed() {
                        let claimed = try await manager.claimLogin(login.id, state: Secret("MARKED-state"))
                        #expect(claimed != nil)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await flood.lost(of: stays) == 0)
            #expect(try await fixture.text("SELECT count(*)::text FROM sessions") == "\(stays.count)")
        }
    }

    @Test("RB-22 a row that somebody holds stays where it is, the others are moved, and the next cleaning moves it")
    func held() async throws {
        try await Self.with { flood in
            try await flood.come(withPeople: 10)
            let (fixture, last) = (flood.fixture, try #require(flood.people.last))
            try await fixture.execute("DELETE FROM sessions WHERE kind = 'login'")
            let after = try #require(try await fixture.text("SELECT txid_current()::text"))
            // Until nobody's transaction, in whichever database, is older than that: whoever looks from then on lets VACUUM
            // have what was deleted.
            try await eventually("it is over for everybody") {
                try await fixture.text("SELECT (txid_snapshot_xmin(txid_current_snapshot()) >= \(after))::text")
                    == "true"
            }
            let places = "SELECT count(*)::text FROM sessions WHERE ctid >= '(1000,0)'"
            try await fixture.client.transaction { transaction in
                try await transaction.query(
                    PostgresStatement("SELECT 1 FROM sessions WHERE id = '\(last.rowKey)' FOR UPDATE")
                )
                try await Self.giveBack(fixture)
                // Those that would have gone together with it stay, too.
                let behind = try await fixture.text(places).flatMap { Int($0) }
                #expect((1...20).contains(behind ?? 0), "\(behind ?? -1)")
            }
            try await Self.giveBack(fixture)
            #expect(try await fixture.text(places) == "0")
            #expect(try await Self.megabytes(fixture) < 4)
            #expect(try await flood.lost() == 0)
        }
    }

    private static func giveBack(_ fixture: StoreFixture, mayMove: Bool = true) async throws {
        try await fixture.store.withExclusiveCleaning { cleaning async throws(SessionError) in
            try await cleaning.giveBackSpace(afterDeleting: Flood.logins, mayMove: mayMove)
        }
    }

    @Test("RB-22 who keeps VACUUM from the table is waited for some seconds, and the cleaning is a success")
    func withoutVacuum() async throws {
        try await Self.with { flood in
            try await flood.come(withPeople: 1)
            let fixture = flood.fixture
            try await fixture.client.transaction { transaction in
                try await transaction.query(PostgresStatement("LOCK TABLE sessions IN SHARE UPDATE EXCLUSIVE MODE"))
                #expect(try await fixture.manager().cleanUp(CleanupRequest()).abandonedLogins == Flood.logins)
            }
            #expect(fixture.log.count("The space of deleted sessions was not given back", level: .notice) == 1)
            #expect(try await flood.lost() == 0)
        }
    }

    @Test(
        "RB-22 rows stay in their places where a trigger would see them move, or the table isn't to be cut off",
        arguments: [
            "ALTER TABLE sessions SET (vacuum_truncate = false)",
            """
            DO $do$
            BEGIN
                CREATE FUNCTION nothing() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                CREATE TRIGGER nothing BEFORE UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION nothing();
            END
            $do$
            """,
        ]
    )
    func unmoved(_ script: String) async throws {
        try await Self.with { flood in
            try await flood.come(withPeople: 1)
            let fixture = flood.fixture
            try await fixture.execute(script)
            let places = "SELECT id::text, ctid::text FROM sessions WHERE kind = 'session' ORDER BY id"
            let before = try await fixture.texts(places)
            #expect(try await fixture.manager().cleanUp(CleanupRequest()).abandonedLogins == Flood.logins)
            #expect(try await fixture.texts(places) == before)
        }
    }

    @Test("RB-22 rows stay in their places while a pass over the table is to be gone on with")
    func passes() async throws {
        try await Self.with { flood in
            try await flood.come(withPeople: 1)
            let fixture = flood.fixture
            try await fixture.execute("DELETE FROM sessions WHERE kind = 'login'")
            let places = "SELECT id::text, ctid::text FROM sessions ORDER BY id"
            let before = try await fixture.texts(places)
            for mayMove in [false, true] {
                try await Self.giveBack(fixture, mayMove: mayMove)
                #expect((try await fixture.texts(places) == before) == !mayMove)
            }
        }
    }

    @Test("RB-22 a role that doesn't own the table cleans, leaves the space to autovacuum, and says so once")
    func stranger() async throws {
        try await Self.with { flood in
            let fixture = flood.fixture
            let role = "cleaner_\(UUID().uuidString.prefix(8).lowercased())"
            for script in [
                "CREATE ROLE \(role)", "GRANT \(role) TO CURRENT_USER",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO \(role)",
            ] { try await fixture.execute(script) }
            let separator = fixture.connectionString.contains("?") ? "&" : "?"
            let asRole = fixture.connectionString + "\(separator)options=-crole%3D\(role)"
            let outcome: Result<Void, any Error>
            do {
                try await StoreFixture.connected(to: asRole) { other in
                    let manager = other.manager()
                    for _ in 0..<2 {
                        try await flood.come(withPeople: 1)
                        #expect(try await manager.cleanUp(CleanupRequest()).abandonedLogins == Flood.logins)
                    }
                    #expect(other.log.count("doesn't own the table", level: .notice) == 1)
                    #expect(other.log.count("doesn't own the table", level: .debug) == 1)
                }
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            for script in ["DROP OWNED BY \(role)", "DROP ROLE \(role)"] { try await fixture.execute(script) }
            try outcome.get()
            #expect(try await flood.lost() == 0)
        }
    }
}

/// Whether something has happened.
private final class ManualFlag: Sendable {
    private let flag = Mutex(false)
    var isSet: Bool { flag.withLock { $0 } }
    func set() { flag.withLock { $0 = true } }
}
