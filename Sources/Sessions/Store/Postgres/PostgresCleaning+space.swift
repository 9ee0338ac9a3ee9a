import PostgresPipeline

extension PostgresCleaning {
    /// Fewer rows than this aren't worth going through the table for.
    private static let fewRows: Int64 = 10_000

    // One row of pg_class: an estimate, from which autovacuum decides too.
    private static let isLargePart = PostgresStatement(
        "SELECT $1 >= greatest(reltuples, 0) / 5 FROM pg_class WHERE oid = 'sessions'::regclass",
        parameters: [.int8]
    )

    // At the pace of autovacuum, which readers hardly notice: by itself VACUUM takes no pauses.
    private static let atEase = PostgresStatement("SET vacuum_cost_delay = '2ms'")

    /// Lets the space of deleted rows be used again at once, and gives the end of the table back if nothing is left there.
    ///
    /// After a flood of started logins the next one would make the table grow further otherwise, since autovacuum comes
    /// when it has time. Where that is at work already, or the role doesn't own the table, it is left alone.
    func giveBackSpace(afterDeleting rows: Int) async throws(SessionError) {
        guard rows >= Self.fewRows else { return }
        do {
            let isWorthIt = try await connection.query(Self.isLargePart, [.int8(Int64(rows))]).first?.bool(0) ?? false
            guard isWorthIt else { return }
            try await connection.query(Self.atEase)
            try await connection.execute(script: "VACUUM (SKIP_LOCKED) sessions")
        } catch {
            throw SessionError(error)
        }
    }
}
