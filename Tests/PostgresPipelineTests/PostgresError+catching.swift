import PostgresPipeline
import Testing

/// The error that `body` throws; a failed expectation when it throws none or another kind.
func postgresError<Value>(
    _ location: SourceLocation = #_sourceLocation,
    of body: () async throws -> Value
) async throws -> PostgresError {
    do {
        _ = try await body()
    } catch {
        return try #require(error as? PostgresError, "\(error)", sourceLocation: location)
    }
    Issue.record("no error was thrown", sourceLocation: location)
    return PostgresError(code: .configuration, message: "none")
}
