import PostgresPipeline

extension PostgresSessionStore {
    /// The session-level advisory lock of the cleaner: "sessions" in ASCII.
    static let cleaningLock: Int64 = 0x7365_7373_696F_6E73
    /// The one of whoever counts.
    private static let countingLock = cleaningLock + 1

    /// See ``SessionStore/withExclusiveCleaning(_:)``.
    ///
    /// The lock belongs to a connection, and the batches run on that connection: when it is lost, they fail, and there
    /// are never two cleaners. No pooled statement waits behind a batch.
    public func withExclusiveCleaning<Result: Sendable>(
        _ body: @Sendable (any SessionCleaning) async throws(SessionError) -> Result
    ) async throws(SessionError) -> Result? {
        try await withLock(Self.cleaningLock) { connection async throws(SessionError) in
            do {
                try await connection.query(PostgresCleaning.lockTimeout)
            } catch {
                throw SessionError(dedicated: error)
            }
            return try await body(PostgresCleaning(connection: connection))
        }
    }

    /// See ``SessionStore/withExclusiveCounting(_:)``.
    public func withExclusiveCounting<Result: Sendable>(
        _ body: @Sendable () async throws(SessionError) -> Result
    ) async throws(SessionError) -> Result? {
        try await withLock(Self.countingLock) { _ async throws(SessionError) in try await body() }
    }

    private func withLock<Result: Sendable>(
        _ lock: Int64,
        _ body: @Sendable (PostgresConnection) async throws(SessionError) -> Result
    ) async throws(SessionError) -> Result? {
        do {
            return try await client.withDedicatedConnection(statementTimeout: .seconds(120)) { connection -> Result? in
                guard try await connection.tryAdvisoryLock(lock) else { return nil }
                let outcome: Swift.Result<Result, SessionError>
                do throws(SessionError) {
                    outcome = .success(try await body(connection))
                } catch {
                    outcome = .failure(error)
                }
                // The lock ends with the connection in any case, but the server takes a moment to notice.
                _ = try? await connection.advisoryUnlock(lock)
                return try outcome.get()
            }
        } catch {
            throw SessionError(dedicated: error)
        }
    }
}
