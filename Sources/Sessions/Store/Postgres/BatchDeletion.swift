import PostgresPipeline

/// The deletion of one batch, in two forms.
///
/// Locking the batch's rows before deleting them writes each of them twice, which took 1.3 to 3 times as long. So the
/// first form just deletes, and waits for a moment (the connection's `lock_timeout`) where somebody else is changing a
/// row; when the moment passes, the second form leaves such rows to a later run. Either form judges a row again after
/// it waited for it, by the conditions of the DELETE itself.
struct BatchDeletion: Sendable {
    let direct: PostgresStatement
    let skippingLocked: PostgresStatement

    init(parameters: [PostgresType], _ sql: (_ locking: String) -> String) {
        direct = PostgresStatement(sql(""), parameters: parameters)
        skippingLocked = PostgresStatement(sql("FOR UPDATE SKIP LOCKED"), parameters: parameters)
    }
}

extension PostgresCleaning {
    // Long enough for a touch or a refresh to commit. Shorter than the server waits before it looks for a deadlock (a
    // second, by default), so that somebody who waits for a row of the batch is never the one that is sent away.
    static let lockTimeout = PostgresStatement("SET lock_timeout = '100ms'")

    func delete(_ deletion: BatchDeletion, _ values: [PostgresValue]) async throws(PostgresError) -> PostgresResult {
        do {
            return try await connection.query(deletion.direct, values)
        } catch {
            guard error.isLockTimeout || error.isConflict else { throw error }
            return try await connection.query(deletion.skippingLocked, values)
        }
    }
}
