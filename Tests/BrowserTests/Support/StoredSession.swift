import Logging
import PostgresPipeline
import Secrets

/// A row of `sessions`, as somebody with access to the database sees it.
struct StoredSession: Sendable {
    var id: String
    var subject: String?
    /// Access, refresh and ID token, those that there are.
    var tokens: [String]

    private static let select = PostgresStatement(
        """
        SELECT id, sub, array_remove(ARRAY[access_token, refresh_token, id_token], NULL)
        FROM sessions
        """,
        parameters: []
    )

    /// All rows, started logins included.
    static func all(in database: String) async throws -> [StoredSession] {
        try await PostgresClient.withClient(
            configuration: PostgresConfiguration(connectionString: Secret(database)),
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        ) { client in
            try await client.read(select).decode { row in
                StoredSession(
                    id: try row.text(0),
                    subject: try row.optionalText(1),
                    tokens: try row.textArray(2).compactMap(\.self)
                )
            }
        }
    }
}
