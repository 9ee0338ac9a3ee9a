import PostgresPipeline

extension PostgresSessionStore {
    private static let hasSealedValues = """
        num_nonnulls(nonce, state, code_verifier, access_token, refresh_token, id_token, login_context) > 0
        """

    // By primary key, in its order, once through the table.
    private static let dueStatement = PostgresStatement(
        """
        SELECT \(SealedRow.columns)
        FROM sessions
        WHERE id > $1 AND seal_key_id IS DISTINCT FROM $2 AND \(hasSealedValues)
        ORDER BY id
        LIMIT $3
        """,
        parameters: [.text, .text, .int8]
    )

    // By primary key, a lookup for each id.
    private static let rowsStatement = PostgresStatement(
        "SELECT \(SealedRow.columns) FROM sessions WHERE id = ANY ($1)",
        parameters: [.textArray]
    )

    // By primary key, a lookup for each id. What was changed since it was read has another revision and is left; what
    // is being changed now is left too (SKIP LOCKED), so that nobody waits for this.
    private static let resealStatement = PostgresStatement(
        """
        WITH free AS (
            SELECT
                s.id, r.nonce, r.state, r.code_verifier, r.access_token, r.refresh_token, r.id_token, r.login_context
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) AS r (
                id, revision, nonce, state, code_verifier, access_token, refresh_token, id_token, login_context
            )
            JOIN sessions AS s ON s.id = r.id
            WHERE s.revision = r.revision
            FOR NO KEY UPDATE OF s SKIP LOCKED
        )
        UPDATE sessions AS s
        SET
            nonce = free.nonce, state = free.state, code_verifier = free.code_verifier,
            access_token = free.access_token, refresh_token = free.refresh_token, id_token = free.id_token,
            login_context = free.login_context, seal_key_id = $10
        FROM free
        WHERE s.id = free.id
        """,
        parameters: [
            .textArray, .int8Array, .textArray, .textArray, .textArray, .textArray, .textArray, .textArray, .textArray,
            .text,
        ]
    )

    // Reads the whole table.
    private static let statusStatement = PostgresStatement(
        "SELECT seal_key_id, count(*) FROM sessions WHERE \(hasSealedValues) GROUP BY seal_key_id"
    )

    /// Seals one batch of the rows that hold clear text or are under another key; for `keys rotate`.
    ///
    /// Rows that are done aren't looked at again, so that an interrupted rotation is simply started again. At its end
    /// comes ``recordRotation(_:isComplete:by:)``.
    /// - Parameters:
    ///   - after: The cursor of the batch before; nil starts at the beginning.
    ///   - limit: How many rows at most.
    /// - Returns: What was done, and the cursor for the next batch; nil when there is nothing more.
    public func reseal(
        after: ResealCursor? = nil,
        limit: Int = 200
    ) async throws(SessionError) -> (report: ResealReport, next: ResealCursor?) {
        let keyRing = keyRing
        let result = try await read(
            Self.dueStatement,
            [.text(after?.rowKey ?? ""), .text(keyRing.sealingKeyID), .int8(Int64(limit))]
        )
        let rows = try sealedRows(result)
        let report = try await reseal(rows, with: keyRing)
        let next = rows.count == limit ? rows.last.map { ResealCursor(rowKey: $0.rowKey) } : nil
        return (report, next)
    }

    /// Writes down that rows were sealed anew: how many, under which key's id, and who asked.
    ///
    /// - Parameter isComplete: Whether it went through the whole table.
    public func recordRotation(
        _ report: ResealReport,
        isComplete: Bool,
        by requester: Requester? = nil
    ) async throws(SessionError) {
        let details = report.auditDetails(keyID: keyRing.sealingKeyID, isComplete: isComplete, by: requester)
        try await auditInAnyCase(.keyRotation, details: details)
    }

    /// How many rows are under which key; reads the whole table.
    public func sealingStatus() async throws(SessionError) -> SealingStatus {
        let result = try await longRead(Self.statusStatement)
        var status = SealingStatus()
        do {
            for row in 0..<result.rowCount {
                let count = Int(try result[row].int8(1))
                if let keyID = try result[row].optionalText(0) {
                    status.rowsByKeyID[keyID] = count
                } else {
                    status.unmarkedRows = count
                }
            }
        } catch {
            throw SessionError(error)
        }
        return status
    }

    func reseal(rowKeys: [String]) async throws(SessionError) -> ResealReport {
        let result = try await read(Self.rowsStatement, [.textArray(rowKeys)])
        return try await reseal(try sealedRows(result), with: keyRing)
    }

    private func sealedRows(_ result: PostgresResult) throws(SessionError) -> [SealedRow] {
        var rows: [SealedRow] = []
        do {
            for row in 0..<result.rowCount { rows.append(try SealedRow(result[row])) }
        } catch {
            throw SessionError(error)
        }
        return rows
    }

    private func reseal(_ rows: [SealedRow], with keyRing: KeyRing) async throws(SessionError) -> ResealReport {
        var report = ResealReport()
        var sealed: [SealedRow] = []
        for row in rows {
            do {
                sealed.append(try row.resealed(with: keyRing))
            } catch {
                guard error.code == .corrupted else { throw error }
                report.unreadable += 1
                reportUnreadable(SessionHandle(rowKey: row.rowKey), error)
            }
        }
        guard !sealed.isEmpty else { return report }
        let keys: [PostgresValue] = [.textArray(sealed.map(\.rowKey)), .int8Array(sealed.map(\.revision))]
        let result = try await write(
            Self.resealStatement,
            keys + SealedRow.arrays(sealed) + [.text(keyRing.sealingKeyID)],
            idempotent: true
        )
        report.sealed = result.affectedRows
        report.skipped = sealed.count - result.affectedRows
        return report
    }
}
