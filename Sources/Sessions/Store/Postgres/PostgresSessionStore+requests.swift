import PostgresPipeline

extension PostgresSessionStore {
    func read(
        _ statement: PostgresStatement,
        _ values: [PostgresValue]
    ) async throws(SessionError) -> PostgresResult {
        do {
            return try await client.read(statement, values)
        } catch {
            throw SessionError(error)
        }
    }

    func write(
        _ statement: PostgresStatement,
        _ values: [PostgresValue],
        idempotent: Bool = false
    ) async throws(SessionError) -> PostgresResult {
        try await Conflicts.retrying { () async throws(PostgresError) in
            try await client.write(statement, values, idempotent: idempotent)
        }
    }

    /// Runs statements in one transaction and answers the last one's result.
    func transaction(_ statements: [BoundStatement]) async throws(SessionError) -> PostgresResult {
        let results = try await Conflicts.retrying { () async throws(PostgresError) in
            try await client.pipelinedTransaction(statements)
        }
        guard let last = results.last else { throw SessionError(.failed, "a transaction answered nothing") }
        return last
    }
}

extension PostgresValue {
    /// A duration as whole microseconds, for `$1 * interval '1 microsecond'`.
    static func duration(_ duration: Duration) -> PostgresValue { .int8(duration.microseconds) }
}

extension PostgresValue {
    /// Members for the details of an audit row, as `jsonb`.
    static func details(_ members: [String: JSONValue]) -> PostgresValue {
        .jsonb(JSONValue.object(members).serialized())
    }
}

extension PostgresResult {
    /// The number in the first column of the only row.
    func count() throws(SessionError) -> Int {
        do {
            return Int(try first?.int8(0) ?? 0)
        } catch {
            throw SessionError(error)
        }
    }
}
