import Foundation
import PostgresPipeline

/// What the server says about itself.
struct DatabaseFacts: Sendable {
    var version: String
    var versionNumber: Int
    var encoding: String
    var isReadOnly: Bool
    var role: String
    var isSuperuser: Bool
    var clock: ClockComparison

    // System functions and one row of pg_roles.
    private static let statement = PostgresStatement(
        """
        SELECT
            current_setting('server_version'), current_setting('server_version_num')::int,
            current_setting('server_encoding'),
            pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',
            current_user::text, rolsuper, clock_timestamp()
        FROM pg_roles
        WHERE rolname = current_user
        """
    )

    static func read(_ client: PostgresClient) async throws -> DatabaseFacts {
        // The first request waits for its connection, which would count as the clock's difference.
        _ = try await client.read(statement)
        let start = Date()
        let row = try await client.read(statement).first
        let end = Date()
        guard let row else { throw ProgramError("the server knows no role of the name that it gave us") }
        return DatabaseFacts(
            version: try row.text(0),
            versionNumber: Int(try row.int4(1)),
            encoding: try row.text(2),
            isReadOnly: try row.bool(3),
            role: try row.text(4),
            isSuperuser: try row.bool(5),
            clock: ClockComparison(theirs: try row.timestamp(6).date, from: start, to: end)
        )
    }

    var findings: [Finding] { [server, encodingFinding, clockFinding] }

    private var server: Finding {
        let name = "PostgreSQL \(version)"
        if isReadOnly {
            return .fail(
                "database",
                "\(name) is read-only: add target_session_attrs=read-write and all hosts to DATABASE_URL"
            )
        }
        // The functions of the migrations have bodies in standard SQL, which came with 14.
        if versionNumber < 140_000 { return .fail("database", "\(name) is too old: 14 is the oldest that works") }
        return .ok("database", "\(name), writable")
    }

    private var encodingFinding: Finding {
        guard encoding == "UTF8" else {
            return .fail(
                "encoding",
                "\(encoding): names and profiles are UTF-8; make the database with ENCODING 'UTF8'"
            )
        }
        return .ok("encoding", "UTF8")
    }

    private var clockFinding: Finding {
        let what = "the database's clock is \(clock.description)"
        switch clock.certain {
        case 60...:
            return .fail("clock", "\(what): it judges when sessions end; set both by NTP")
        case 2...:
            return .warn("clock", "\(what): set both by NTP")
        default:
            return .ok("clock", what)
        }
    }
}
