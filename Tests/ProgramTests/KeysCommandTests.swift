import Foundation
import Glibc
import PostgresPipeline
import PrivatePostgres
import Secrets
import TestSupport
import Testing

@Suite("oidc-sessions keys")
struct KeysCommandTests {
    /// The documented table with rows in clear text, as a deployment had it before.
    private static let deployed = """
        CREATE TABLE sessions (
            id VARCHAR(255) PRIMARY KEY, nonce VARCHAR(255), state TEXT, access_token TEXT,
            code_verifier VARCHAR(255), sub VARCHAR(255), created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
            expires_at TIMESTAMP WITH TIME ZONE NOT NULL, last_accessed_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
        );
        INSERT INTO sessions (id, access_token, sub, expires_at)
        SELECT 'id-' || n, 'clear-token-' || n, 'user-' || n, now() + interval '1 hour' FROM generate_series(1, 450) AS n;
        INSERT INTO sessions (id, nonce, code_verifier, expires_at)
        VALUES ('anonymous', 'clear-nonce', 'clear-verifier', now() + interval '1 hour');
        """

    private static let clear = count("access_token LIKE 'clear%' OR nonce LIKE 'clear%' OR code_verifier LIKE 'clear%'")
    private static let sealed = count("access_token LIKE 's1.%' OR nonce LIKE 's1.%' AND code_verifier LIKE 's1.%'")

    private static let rotations = PostgresStatement(
        """
        SELECT
            concat_ws(
                ' ', details ->> 'sealed', details ->> 'skipped', details ->> 'unreadable', details ->> 'complete',
                details -> 'by' ->> 'surface'
            ),
            details ->> 'key', details::text
        FROM audit_log
        WHERE action = 'KEY_ROTATION'
        ORDER BY created_at
        """,
        parameters: []
    )

    private static func count(_ condition: String) -> PostgresStatement {
        PostgresStatement("SELECT count(*) FROM sessions WHERE \(condition)", parameters: [])
    }

    private func withDeployment(_ body: (PostgresClient, [String: String]) async throws -> Void) async throws {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            let environment = ["DATABASE_URL": uri, "SESSION_SECRET": Program.secret]
            try await PostgresClient.withClient(
                configuration: PostgresConfiguration(connectionString: Secret(uri)),
                logger: TestDatabase.silentLogger
            ) { client in
                try await client.withDedicatedConnection { try await $0.execute(script: Self.deployed) }
                #expect(try await Program.run(["migrate"], environment: environment).exit == .code(0))
                try await body(client, environment)
            }
        }
    }

    private func number(_ statement: PostgresStatement, _ client: PostgresClient) async throws -> Int64 {
        try #require(try await client.read(statement).first).int8(0)
    }

    @Test("rotate seals the clear text of the documented table; a second run finds nothing to do")
    func sealsClearText() async throws {
        try await withDeployment { client, environment in
            #expect(try await number(Self.clear, client) == 451)
            let first = try await Program.run(["keys", "rotate", "--json"], environment: environment)
            #expect(first.exit == .code(0))
            #expect(try first.json()["sealed"] as? Int == 451)
            #expect(try await number(Self.clear, client) == 0)
            #expect(try await number(Self.sealed, client) == 451)
            let second = try await Program.run(["keys", "rotate"], environment: environment)
            #expect(second.exit == .code(0))
            #expect(second.output == "sealed 0 rows with the first secret\n")
        }
    }

    @Test("A new secret in front takes over every row, after which the old one can go; the audit trail has the counts")
    func rotates() async throws {
        try await withDeployment { client, environment in
            #expect(try await Program.run(["keys", "rotate"], environment: environment).exit == .code(0))
            var both = environment
            both["SESSION_SECRET"] = "\(Program.newerSecret),\(Program.secret)"
            let rotated = try await Program.run(["keys", "rotate", "--json"], environment: both)
            #expect(try rotated.json()["sealed"] as? Int == 451)
            let trail = try await client.read(Self.rotations)
            let rows = try (0..<trail.rowCount).map { try trail[$0].text(0) }
            #expect(rows == ["451 0 0 true cli", "451 0 0 true cli"])
            let keys = try (0..<trail.rowCount).map { try trail[$0].text(1) }
            #expect(Set(keys).count == 2, "the ids of the keys, in their order")
            let all = try (0..<trail.rowCount).map { try trail[$0].text(2) }.joined()
            for secret in [Program.secret, Program.newerSecret, "clear-token"] { #expect(!all.contains(secret)) }

            var newer = environment
            newer["SESSION_SECRET"] = Program.newerSecret
            let status = try await Program.run(["keys", "status", "--json"], environment: newer).json()
            let left = try #require(status["keys"] as? [[String: Any]])
            #expect(left.count == 1)
            #expect(left.first?["role"] as? String == "seals")
            #expect(left.first?["rows"] as? Int == 451)
            #expect(left.first?["keyID"] as? String == keys.last)
            #expect(status["unmarkedRows"] as? Int == 0)
        }
    }

    @Test("RC-14 a rotation that is killed in the middle is started again, and ends it")
    func killed() async throws {
        let rows: Int64 = 20_000
        try await withDeployment { client, environment in
            let more = """
                INSERT INTO sessions (id, kind, sub, issuer, access_token, expires_at)
                SELECT
                    encode(sha256(('more-' || n)::bytea), 'hex'), 'session', 'more-' || n, 'https://login.example.com',
                    'clear-token-' || n, now() + interval '1 hour'
                FROM generate_series(1, \(rows)) AS n
                """
            try await client.withDedicatedConnection { try await $0.execute(script: more) }
            let total = rows + 451
            try await RunningProgram.withProgram(["keys", "rotate"], environment: environment) { rotation in
                while try await number(Self.sealed, client) == 0 { try #require(rotation.process.exit == nil) }
                rotation.process.signal(SIGKILL)
                _ = await rotation.process.waitForExit(within: .seconds(60))
            }
            let done = try await number(Self.sealed, client)
            #expect(done > 0 && done < total, "killed too late to show anything: \(done)")
            let again = try await Program.run(["keys", "rotate", "--json"], environment: environment)
            #expect(again.exit == .code(0))
            #expect(try again.json()["sealed"] as? Int == Int(total - done))
            #expect(try await number(Self.clear, client) == 0)
            let trail = PostgresStatement(
                """
                SELECT (details ->> 'sealed')::bigint FROM audit_log
                WHERE action = 'KEY_ROTATION' AND details -> 'by' ->> 'surface' = 'cli'
                """
            )
            #expect(try await number(trail, client) == total - done)
        }
    }

    @Test("Rows under a secret that was taken out too early are reported, left as they are, and counted as missing")
    func missingSecret() async throws {
        try await withDeployment { client, environment in
            #expect(try await Program.run(["keys", "rotate"], environment: environment).exit == .code(0))
            var newer = environment
            newer["SESSION_SECRET"] = Program.newerSecret
            let rotated = try await Program.run(["keys", "rotate"], environment: newer)
            #expect(rotated.exit == .code(1))
            #expect(rotated.errors.contains("SESSION_SECRET: 451 rows"))
            #expect(rotated.errorLines.count == 1, "a line for each row buries the one that counts")
            #expect(!rotated.errors.contains(Program.newerSecret))
            let status = try await Program.run(["keys", "status"], environment: newer)
            #expect(status.output.contains("missing"))
            // Putting it back brings them back.
            let again = try await Program.run(["keys", "rotate", "--json"], environment: environment).json()
            #expect(again["unreadable"] as? Int == 0)
        }
    }
}
