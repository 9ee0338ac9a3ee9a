import PostgresPipeline

/// SQLSTATEs that the runner acts on (PostgreSQL documentation, appendix A).
enum SQLState {
    static let lockNotAvailable = "55P03"
    static let deadlockDetected = "40P01"
}

extension MigrationError {
    /// A file that the server refused.
    init(failed error: PostgresError, fileName: String?) {
        let subject = fileName ?? "schema_migrations"
        let state = error.sqlState ?? "?????"
        // Class 22 and 23 quote the offending value: `invalid input syntax for type integer: "…"`.
        let mayQuoteData = state.hasPrefix("22") || state.hasPrefix("23")
        let reason = mayQuoteData ? "" : ": \(error.message)"
        self.init(
            .failed,
            "\(subject) failed with SQLSTATE \(state) and was rolled back\(reason)",
            fileName: fileName,
            sqlState: error.sqlState,
            underlying: error
        )
    }

    /// Trouble with the connection, or with a statement of the runner's own.
    init(connection error: PostgresError) {
        let code: Code = error.isTransient || error.code == .outcomeUnknown ? .unavailable : .failed
        self.init(code, error.description, sqlState: error.sqlState, underlying: error)
    }

    /// Whether the file lost against other users of its tables, and nothing is wrong with it.
    var isWorthAnotherAttempt: Bool {
        code == .failed && (sqlState == SQLState.lockNotAvailable || sqlState == SQLState.deadlockDetected)
    }
}

extension MigrationError {
    /// Refuses a database of another encoding than UTF-8: names that it can't hold would fail the logins of those who
    /// have them, and SQL_ASCII takes whatever comes for text.
    static func check(encoding result: PostgresResult) throws {
        guard let encoding = try result.first?.text(0), encoding != "UTF8" else { return }
        throw MigrationError(
            .encoding,
            "the database's encoding is \(encoding), and names and profiles are UTF-8: make it with ENCODING 'UTF8'"
        )
    }
}
