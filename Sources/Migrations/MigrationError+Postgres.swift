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
