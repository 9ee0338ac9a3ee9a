import Foundation
import Logging
import Migrations
import PostgresPipeline
import Secrets
import Sessions

/// The migrated table with sessions in it, and what it takes to work on them.
struct SessionTable: Sendable {
    /// Real sessions, sealed tokens and all; reads choose among them.
    static let realSessions = 20_000

    private static let fillStatement = PostgresStatement(
        """
        INSERT INTO sessions (
            id, tenant_id, issuer, sub, access_token, refresh_token, id_token, seal_key_id,
            created_at, last_accessed_at, expires_at
        )
        SELECT
            encode(sha256(convert_to('filler-' || n, 'UTF8')), 'hex'), '', 'https://id.example', 'filler-' || n,
            repeat('x', 2100), repeat('x', 720), repeat('x', 1400), 'filler', moment, moment,
            moment + interval '7 days'
        FROM generate_series(1, $1) AS n, now() AS moment
        """,
        parameters: [.int8]
    )

    let client: PostgresClient
    let keyRing: KeyRing
    let logger: Logger

    init(client: PostgresClient) throws {
        self.client = client
        keyRing = try KeyRing(secrets: [Secret((0..<32).map { UInt8($0) })])
        logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
    }

    func manager(_ policy: SessionPolicy = SessionPolicy()) -> SessionManager {
        SessionManager(client: client, keyRing: keyRing, policy: policy, logger: logger)
    }

    func migrate() async throws {
        _ = try await Migrator(client: client, source: .embedded(), logger: logger).up()
    }

    /// Fills the table with so many rows, the first of them real sessions.
    func fill(rows: Int) async throws -> [SessionID] {
        let store = PostgresSessionStore(client: client, keyRing: keyRing, logger: logger)
        let ids = try await withThrowingTaskGroup(of: [SessionID].self) { group in
            for task in 0..<32 {
                group.addTask {
                    var ids: [SessionID] = []
                    for number in stride(from: task, to: Self.realSessions, by: 32) {
                        let id = try Self.id("real", number)
                        let new = NewSession(id: id, attributes: Self.attributes(subject: "user-\(number)"))
                        _ = try await store.create(new, replacing: nil, policy: SessionPolicy())
                        ids.append(id)
                    }
                    return ids
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try await client.withDedicatedConnection { connection in
            try await connection.query(Self.fillStatement, [.int8(Int64(max(rows - Self.realSessions, 0)))])
            try await connection.execute(script: "VACUUM ANALYZE sessions")
        }
        return ids
    }

    /// Rows to be deleted one by one, by the store and by pgbench.
    func fillForDeletion(_ name: String, count: Int) async throws {
        let statement = PostgresStatement(
            """
            INSERT INTO sessions (id, sub, issuer, created_at, last_accessed_at, expires_at)
            SELECT
                encode(sha256(convert_to('\(name)-benchmark-' || n, 'UTF8')), 'hex'), 'deleted-' || n, 'https://id.example',
                now(), now(), now() + interval '7 days'
            FROM generate_series(0, $1) AS n
            """,
            parameters: [.int8]
        )
        try await client.withDedicatedConnection { connection in
            try await connection.query(statement, [.int8(Int64(count))])
            try await connection.execute(script: "ANALYZE sessions")
        }
    }

    /// An id that a number makes, so that pgbench can make it too.
    static func id(_ name: String, _ number: Int) throws -> SessionID {
        guard let id = SessionID(documented: "\(name)-benchmark-\(number)") else {
            throw PGBench.Failure(description: "not an id")
        }
        return id
    }

    /// A signed-in session with tokens of the usual lengths.
    static func attributes(subject: String) -> SessionAttributes {
        var attributes = SessionAttributes()
        attributes.issuer = "https://id.example"
        attributes.subject = subject
        attributes.accessToken = Secret(String(repeating: "a", count: 1200))
        attributes.refreshToken = Secret(String(repeating: "r", count: 400))
        attributes.idToken = Secret(String(repeating: "i", count: 900))
        attributes.profile = ["name": "Ada Lovelace", "email": "ada@example.org"]
        attributes.roles = ["user"]
        return attributes
    }
}
