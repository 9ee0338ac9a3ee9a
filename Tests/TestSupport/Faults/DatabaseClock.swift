public import Foundation
import PostgresPipeline
import Secrets

/// The clock of a database, which a test sets.
///
/// Functions of the name of Postgres's own stand before those in the search path, for the migrations and for every
/// statement. It stands still until it is told to go on.
public struct DatabaseClock: Sendable {
    private let client: PostgresClient

    /// Makes an empty database that has such a clock.
    ///
    /// - Parameters:
    ///   - settings: other settings of the database, as `ALTER DATABASE … SET` takes them.
    ///   - body: gets the clock and the libpq URI.
    public static func withDatabase<R: Sendable>(
        settings: [String] = [],
        _ body: (DatabaseClock, String) async throws -> R
    ) async throws -> R {
        try await TestDatabase.shared.withDatabase(migrated: false) { uri in
            var configuration = PostgresConfiguration(connectionString: Secret(uri))
            configuration.requestTimeout = .seconds(120)
            let logger = TestDatabase.silentLogger
            return try await PostgresClient.withClient(configuration: configuration, logger: logger) { client in
                // A connection keeps the settings that it began with: what was made before looks past the clock.
                for statement in functions { try await client.write(PostgresStatement(statement)) }
                for setting in ["search_path = public, pg_catalog"] + settings {
                    try await client.write(PostgresStatement(alteration(setting)))
                }
                return try await body(DatabaseClock(client: client), uri)
            }
        }
    }

    private static let functions = [
        "CREATE TABLE test_clock (moment TIMESTAMP WITH TIME ZONE NOT NULL)",
        "INSERT INTO test_clock VALUES (pg_catalog.now())",
        """
        CREATE FUNCTION public.clock_timestamp() RETURNS TIMESTAMP WITH TIME ZONE LANGUAGE sql VOLATILE
        AS 'SELECT moment FROM public.test_clock'
        """,
        """
        CREATE FUNCTION public.now() RETURNS TIMESTAMP WITH TIME ZONE LANGUAGE sql STABLE
        AS 'SELECT moment FROM public.test_clock'
        """,
    ]

    private static func alteration(_ setting: String) -> String {
        """
        DO $do$
        BEGIN
            EXECUTE format('ALTER DATABASE %I SET ', current_database()) || $setting$\(setting)$setting$;
        END
        $do$
        """
    }

    private static let setting = PostgresStatement("UPDATE test_clock SET moment = $1", parameters: [.timestamptz])
    private static let advance = PostgresStatement(
        "UPDATE test_clock SET moment = moment + $1 * interval '1 microsecond'",
        parameters: [.int8]
    )

    /// Sets it.
    public func set(_ moment: Date) async throws {
        try await client.write(Self.setting, [.timestamp(moment)])
    }

    /// Sets it forward, or back.
    public func advance(by duration: Duration) async throws {
        let (seconds, attoseconds) = duration.components
        try await client.write(Self.advance, [.int8(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)])
    }
}
