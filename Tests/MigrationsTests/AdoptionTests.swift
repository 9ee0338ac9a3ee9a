import Crypto
import Foundation
import Migrations
import PostgresPipeline
import TestSupport
import Testing

@Suite("A deployment that has the documented table already")
struct AdoptionTests {
    private let database = TestDatabase.shared

    /// The documented table with a live session, one that ended, and one of a running login.
    private let deployed = """
        CREATE TABLE sessions (
            id VARCHAR(255) PRIMARY KEY,
            nonce VARCHAR(255),
            state TEXT,
            access_token TEXT,
            code_verifier VARCHAR(255),
            sub VARCHAR(255),
            created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
            expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
            last_accessed_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
        );
        CREATE INDEX idx_sessions_expires_at ON sessions(expires_at);
        CREATE INDEX idx_sessions_id ON sessions(id);
        INSERT INTO sessions (id, access_token, sub, created_at, expires_at, last_accessed_at) VALUES
            ('live-id', 'token', 'alice', now() - interval '50 min', now() + interval '10 min', NULL),
            ('dead-id', 'token', 'alice', now() - interval '3 h', now() - interval '2 h', now() - interval '3 h');
        INSERT INTO sessions (id, nonce, state, code_verifier, expires_at) VALUES
            ('login-id', 'the-nonce', 'the-state', 'the-verifier', now() + interval '5 min');
        """

    private func digest(_ id: String) -> String {
        SHA256.hash(data: Data(id.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test("Its sessions are found again by the digest of the ids that their holders have, with all that was in them")
    func sessionsStayValid() async throws {
        try await database.withClient(migrated: false) { client in
            try await client.script(deployed)
            #expect(try await Migrator(client, .embedded()).up().first?.version == 11)

            let find = PostgresStatement(
                """
                SELECT sub, access_token, nonce, state, code_verifier, kind, expires_at > now(),
                    session_is_alive(expires_at, last_accessed_at, created_at, interval '1 h', interval '30 d')
                FROM sessions WHERE id = $1
                """,
                parameters: [.text]
            )
            let live = try #require(try await client.read(find, .text(digest("live-id"))).first)
            #expect(try live.text(0) == "alice")
            #expect(try live.text(1) == "token")
            #expect(try live.text(5) == "session")
            #expect(try live.bool(6))
            #expect(try live.bool(7))
            let login = try #require(try await client.read(find, .text(digest("login-id"))).first)
            #expect(try login.text(2) == "the-nonce")
            #expect(try login.text(3) == "the-state")
            #expect(try login.text(4) == "the-verifier")
            #expect(try login.bool(7))
            let dead = try #require(try await client.read(find, .text(digest("dead-id"))).first)
            #expect(try !dead.bool(7))
            #expect(try await client.number("SELECT count(*) FROM sessions") == 3)
            #expect(try await client.number("SELECT count(*) FROM sessions WHERE id LIKE '%-id'") == 0)
        }
    }

    @Test("A table without its indexes, or with a column more that rows can do without, is taken over too")
    func slightlyDifferent() async throws {
        try await database.withClient(migrated: false) { client in
            try await client.script(deployed)
            try await client.script("DROP INDEX idx_sessions_id; ALTER TABLE sessions ADD COLUMN note TEXT")
            try await Migrator(client, .embedded()).up()
            #expect(try await client.number("SELECT count(*) FROM sessions WHERE note IS NULL") == 3)
        }
    }

    @Test(
        "A table of the same name and another shape is refused, and left as it was",
        arguments: [
            ("ALTER TABLE sessions DROP COLUMN state", "no column \"state\""),
            ("ALTER TABLE sessions ALTER COLUMN sub TYPE text", "is text"),
            ("ALTER TABLE sessions DROP CONSTRAINT sessions_pkey", "primary key"),
            (
                "DELETE FROM sessions WHERE id <> 'live-id'; ALTER TABLE sessions ADD sid text UNIQUE NOT NULL DEFAULT 'x';"
                    + " ALTER TABLE sessions ALTER sid DROP DEFAULT", "\"sid\""
            ),
            ("ALTER TABLE sessions RENAME TO s; CREATE VIEW sessions AS SELECT * FROM s", "ordinary table"),
        ]
    )
    func refused(change: String, mentions: String) async throws {
        try await database.withClient(migrated: false) { client in
            try await client.script(deployed)
            try await client.script(change)
            let error = await #expect(throws: MigrationError.self) {
                try await Migrator(client, .embedded()).up()
            }
            #expect(error?.code == .unexpectedTable)
            #expect(error?.message.contains(mentions) == true)
            #expect(try await client.number("SELECT count(*) FROM sessions WHERE id = 'live-id'") == 1)
            #expect(try await client.number("SELECT count(*) FROM pg_class WHERE relname = 'audit_log'") == 0)
        }
    }

    @Test("A role that was given the sessions may use what later migrations add for them")
    func grants() async throws {
        try await database.withClient(migrated: false) { client in
            let role = "app_\(UUID().uuidString.prefix(8).lowercased())"
            try await client.script(deployed)
            try await client.script("CREATE ROLE \(role); GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO \(role)")
            _ = try await Migrator(client, .embedded()).up()
            let granted =
                "SELECT count(*) FROM unnest(ARRAY ['SELECT', 'INSERT', 'DELETE']) AS privilege "
                + "WHERE has_table_privilege('\(role)', 'logout_tokens', privilege)"
            #expect(try await client.number(granted) == 3)
            #expect(try await client.number("has_table_privilege('\(role)', 'logout_tokens', 'UPDATE')::int") == 0)
            let sequence = "SELECT has_sequence_privilege('\(role)', 'session_login_slots', 'USAGE')::int"
            #expect(try await client.number(sequence) == 1)
            try await client.script("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }
}
