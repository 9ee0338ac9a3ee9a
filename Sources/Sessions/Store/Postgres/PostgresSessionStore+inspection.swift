package import PostgresPipeline

extension PostgresSessionStore {
    /// A statement that runs with every request or every cleaning run, and so must find its rows by an index.
    package struct HotStatement: Sendable {
        /// What it is for, in a word or two.
        package let purpose: String
        /// The statement as requests send it.
        package let statement: PostgresStatement
        /// What an index must begin with to be of use to it, as `pg_get_indexdef` writes columns.
        package let leadingColumns: [String]
    }

    /// What `doctor` has the server plan.
    package static let hotStatements = [
        HotStatement(purpose: "read a session", statement: identityStatement, leadingColumns: ["id"]),
        HotStatement(purpose: "read a session with its tokens", statement: readStatement, leadingColumns: ["id"]),
        HotStatement(purpose: "finish a login", statement: claimStatement, leadingColumns: ["id"]),
        HotStatement(purpose: "sign out", statement: deleteStatement, leadingColumns: ["id"]),
        HotStatement(purpose: "revoke by handle", statement: revokeStatement, leadingColumns: ["id"]),
        HotStatement(
            purpose: "list a user's sessions",
            statement: listStatement,
            leadingColumns: ["tenant_id", "issuer"]
        ),
        HotStatement(
            purpose: "clean what has expired",
            statement: PostgresCleaning.deleteExpired.direct,
            leadingColumns: ["expires_at"]
        ),
    ]

    // By primary key. Ids are digests, so that the first in their order are a random sample.
    private static let sampleStatement = PostgresStatement(
        """
        SELECT \(SealedRow.columns)
        FROM (SELECT * FROM sessions ORDER BY id LIMIT 20 * $1) AS s
        WHERE num_nonnulls(nonce, state, code_verifier, access_token, refresh_token, id_token, login_context) > 0
        LIMIT $1
        """,
        parameters: [.int8]
    )

    /// Opens what some rows hold; nothing of it leaves this function.
    ///
    /// - Parameter limit: how many rows at most.
    package func sealingSample(limit: Int) async throws(SessionError) -> SealingSample {
        let result = try await read(Self.sampleStatement, [.int8(Int64(limit))])
        var sample = SealingSample()
        for index in 0..<result.rowCount {
            let row: SealedRow
            do { row = try SealedRow(result[index]) } catch { throw SessionError(error) }
            sample.rows += 1
            do {
                if try row.isClear(openingWith: keyRing) { sample.clearRows += 1 }
            } catch {
                guard error.code == .corrupted else { throw error }
                sample.unreadableRows += 1
            }
        }
        return sample
    }
}

/// Whether the keys open what is stored, of some rows.
package struct SealingSample: Sendable, Hashable {
    /// Rows that were looked at.
    package var rows = 0
    /// Rows with a value that no key of the ring opens.
    package var unreadableRows = 0
    /// Rows with clear text of the documented system.
    package var clearRows = 0
}
