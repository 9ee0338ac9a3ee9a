import Foundation
import PostgresPipeline
import Sessions

/// Whether the hot statements find their rows by an index.
///
/// Which indexes there are is read from the catalogue: the plan for a small table says nothing about it, since every
/// index, and none, costs the same there. What the planner makes of them is asked once the table is large.
enum IndexCheck {
    /// Below this many rows a sequential scan is as good as anything.
    private static let smallTable = 10_000

    // One row of pg_class: an estimate that costs nothing.
    private static let size = PostgresStatement(
        "SELECT reltuples::bigint FROM pg_class WHERE oid = 'sessions'::regclass"
    )

    // The catalogue's rows of one table.
    private static let indexes = PostgresStatement(
        """
        SELECT ARRAY (
            SELECT pg_get_indexdef(indexrelid, place, true)
            FROM generate_series(1, indnkeyatts) AS place
            ORDER BY place
        )
        FROM pg_index
        WHERE indrelid = 'sessions'::regclass AND indisvalid AND indisready
        """
    )

    static func finding(_ client: PostgresClient) async throws -> Finding {
        let indexes = try await client.read(indexes).decode { try $0.textArray(0).compactMap { $0 } }
        let statements = PostgresSessionStore.hotStatements
        let missing = statements.filter { hot in !indexes.contains { $0.starts(with: hot.leadingColumns) } }
        if !missing.isEmpty {
            return .fail(
                "indexes",
                "none for: \(missing.map(\.purpose).joined(separator: ", ")); compare those of sessions (\\d sessions) with"
                    + " the files of the migrations, and REINDEX what is INVALID"
            )
        }
        let rows = Int(try await client.read(size).first?.int8(0) ?? 0)
        guard rows >= smallTable else { return .ok("indexes", "there for all \(statements.count) hot statements") }
        let unused = try await client.withDedicatedConnection { connection in
            var unused: [String] = []
            for hot in statements where try await !plan(of: hot.statement, connection).usesIndex {
                unused.append(hot.purpose)
            }
            return unused
        }
        if !unused.isEmpty {
            return .warn(
                "indexes",
                "not used for: \(unused.joined(separator: ", ")); if statistics are stale: ANALYZE sessions"
            )
        }
        return .ok("indexes", "used by all \(statements.count) hot statements")
    }

    private static func plan(
        of statement: PostgresStatement,
        _ connection: PostgresConnection
    ) async throws -> QueryPlan {
        let explain = PostgresStatement("EXPLAIN (FORMAT JSON) " + statement.sql, parameters: statement.parameters)
        let result = try await connection.query(explain, statement.parameters.map(sample))
        return try QueryPlan(json: try result.first?.text(0) ?? "")
    }

    /// Some value of the type; which one makes no difference to what indexes can do.
    private static func sample(_ type: PostgresType) -> PostgresValue {
        let digest = String(repeating: "0", count: 64)
        return switch type {
        case .text, .varchar: .text(digest)
        case .textArray: .textArray([digest])
        case .int8: .int8(3_600_000_000)
        case .int4: .int4(1)
        case .bool: .bool(false)
        case .timestamptz: .timestamp(Date())
        case .jsonb: .jsonb("{}")
        default: .null
        }
    }
}
