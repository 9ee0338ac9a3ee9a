import PostgresPipeline

extension PostgresCleaning {
    /// Fewer rows than this aren't worth going through the table for.
    private static let fewRows: Int64 = 10_000
    /// How often rows are moved: those that come meanwhile may lie at the end again.
    private static let rounds = 3

    // One row of pg_class: an estimate, from which autovacuum decides too.
    private static let isLargePart = PostgresStatement(
        "SELECT $1 >= greatest(reltuples, 0) / 5 FROM pg_class WHERE oid = 'sessions'::regclass",
        parameters: [.int8]
    )

    // At the pace of autovacuum, which readers hardly notice: by itself VACUUM takes no pauses.
    private static let atEase = PostgresStatement("SET vacuum_cost_delay = '2ms'")
    // The lock of VACUUM keeps no statement waiting, and an autovacuum that is at the table gives way after a second.
    private static let patient = PostgresStatement("SET lock_timeout = '10s'")

    /// Lets the space of deleted rows be used again at once, and gives the end of the table back.
    ///
    /// After a flood of started logins the next one would make the table grow further otherwise, since autovacuum comes
    /// when it has time. Whoever signed in during the flood lies between its rows: when the table is mostly empty, what
    /// lies far behind is moved to the front, so that there is nothing left at the end.
    func giveBackSpace(afterDeleting rows: Int, mayMove: Bool) async throws(SessionError) {
        guard rows >= Self.fewRows else { return }
        do {
            let isWorthIt = try await connection.query(Self.isLargePart, [.int8(Int64(rows))]).first?.bool(0) ?? false
            guard isWorthIt else { return }
            guard try await TableSpace.read(connection).isOwned else {
                throw SessionError(.failed, "this role doesn't own the table sessions: it is left to autovacuum")
            }
            try await connection.query(Self.atEase)
            try await vacuum()
            guard mayMove else { return }
            for _ in 0..<Self.rounds {
                let space = try await TableSpace.read(connection)
                guard space.mayMove, space.isSparse || space.isSparseOutOfLine else { return }
                guard try await moveForward(space) else { return }
                try await vacuum()
            }
        } catch let error as PostgresError {
            throw SessionError(error)
        } catch {
            throw error as? SessionError ?? SessionError(.failed, "space was not given back", underlying: error)
        }
    }

    private func vacuum() async throws(PostgresError) {
        try await connection.query(Self.patient)
        // By itself it leaves the indexes alone when few pages have dead rows, and with them what keeps the pages of moved
        // rows from being cut off.
        try await connection.execute(script: "VACUUM (INDEX_CLEANUP ON) sessions")
        try await connection.query(Self.lockTimeout)
    }
}
