import PostgresPipeline

/// Statements that met somebody else's lock: they were rolled back, nothing of them happened, they may run again.
enum Conflicts {
    /// How often a statement is tried.
    private static let attempts = 4

    /// Runs a statement, again when Postgres rolled it back to let another one pass.
    /// - Parameter includingLockTimeouts: Whether it is tried again too when `lock_timeout` has passed: for who gives up
    ///   its locks after a moment, so that others pass, and not its work.
    static func retrying<Value>(
        includingLockTimeouts: Bool = false,
        _ body: () async throws(PostgresError) -> Value
    ) async throws(SessionError) -> Value {
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch {
                let isPassing = error.isConflict || includingLockTimeouts && error.isLockTimeout
                guard isPassing, attempt < attempts else { throw SessionError(error) }
                attempt += 1
            }
        }
    }
}

extension PostgresError {
    /// Whether Postgres rolled the transaction back to let another one pass: it can be run again at once.
    var isConflict: Bool { code == .server && (sqlState == "40P01" || sqlState == "40001") }

    /// Whether `lock_timeout` passed.
    var isLockTimeout: Bool { code == .server && sqlState == "55P03" }
}
