import PostgresPipeline

/// The statements that read one source, made from the columns that its tables have.
///
/// Names of tables, columns and types come from the catalogue and are quoted; values are bound.
struct SourceQuery: Sendable {
    /// Counts the rows.
    let count: PostgresStatement
    /// The first page: `$1` rows, `$2` the provider.
    let first: PostgresStatement
    /// A page after a key, `$3`.
    let next: PostgresStatement

    init(
        shape: SourceShape,
        table: SourceTable,
        accounts: (shape: SourceShape.AccountShape, table: SourceTable)?
    ) throws(ImportError) {
        let id = try table.requiredColumn(shape.id)
        let key = table.column(shape.key) ?? id
        let endColumn = try table.requiredColumn(shape.end)
        let end = Self.finiteTime("s", endColumn)
        let user = "s." + (try table.requiredColumn(shape.user)).quotedIdentifier
        let revoked = try shape.revoked.map { name throws(ImportError) in
            "s." + (try table.requiredColumn(name)).quotedIdentifier
        }
        func optional(_ name: String?) -> String {
            name.flatMap(table.column).map { "s.\($0.quotedIdentifier)::text" } ?? "NULL::text"
        }
        let created = shape.created.flatMap(table.column).map { Self.finiteTime("s", $0) } ?? "NULL::timestamptz"
        let from = table.name.quoted
        let quotedKey = key.quotedIdentifier
        let columns = [
            "s.\(quotedKey)::text", "s.\(id.quotedIdentifier)::text", end, created, "\(user)::text",
            optional(shape.userAgent), optional(shape.ipAddress), revoked.map { "\($0) IS NOT NULL" } ?? "false",
            "coalesce(\(end) <= clock_timestamp(), false)", optional(shape.accessToken),
            accounts == nil
                ? "0::bigint, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::timestamptz"
                : "a.accounts, a.account_id, a.issuer, a.access_token, a.refresh_token, a.id_token, a.access_end",
            Self.isNewest(shape: shape, table: table, user: user, end: endColumn, key: quotedKey),
        ]
        let lateral = try accounts.map { accounts throws(ImportError) in
            try Self.lateral(accounts.shape, accounts.table, user: user)
        }
        // By the key's index where it has one.
        func page(_ condition: String) -> String {
            """
            SELECT \(columns.joined(separator: ", "))
            FROM \(from) AS s
            \(lateral ?? "")
            WHERE $2::text IS NOT DISTINCT FROM $2\(condition)
            ORDER BY s.\(quotedKey)
            LIMIT $1
            """
        }
        count = PostgresStatement("SELECT count(*) FROM \(from)")
        first = PostgresStatement(page(""), parameters: [.int8, .text])
        next = PostgresStatement(
            page(" AND s.\(quotedKey) > CAST($3 AS \(table.type(of: key)))"),
            parameters: [.int8, .text, .text]
        )
    }

    /// Whether a provider, `$1`, has any account, and which ones have: a few of them.
    ///
    /// No index is needed: the first stops at the first account of the provider, the second is only for a message.
    static func providers(in table: SourceTable, column: String) -> (isThere: PostgresStatement, all: PostgresStatement)
    {
        let provider = "\(column.quotedIdentifier)::text"
        let from = table.name.quoted
        return (
            PostgresStatement("SELECT EXISTS (SELECT FROM \(from) WHERE \(provider) = $1)", parameters: [.text]),
            PostgresStatement(
                "SELECT DISTINCT \(provider) FROM \(from) WHERE \(provider) IS NOT NULL ORDER BY 1 LIMIT 20"
            )
        )
    }

    /// A column as a point in time; what never ends is NULL.
    ///
    /// Without a time zone it is in the connection's.
    private static func finiteTime(_ alias: String, _ column: String) -> String {
        let time = "\(alias).\(column.quotedIdentifier)::timestamptz"
        return "CASE WHEN isfinite(\(time)) THEN \(time) END"
    }

    /// Whether no other session of the user ends later: that one gets the account's refresh token.
    private static func isNewest(
        shape: SourceShape,
        table: SourceTable,
        user: String,
        end: String,
        key: String
    ) -> String {
        guard shape.accounts != nil else { return "true" }
        return """
            NOT EXISTS (
                SELECT FROM \(table.name.quoted) AS n
                WHERE n\(user.dropFirst()) = \(user)
                    AND (\(finiteTime("n", end)), n.\(key)) > (\(finiteTime("s", end)), s.\(key))
            )
            """
    }

    /// The accounts of the row's user at the provider, in one row.
    private static func lateral(
        _ shape: SourceShape.AccountShape,
        _ table: SourceTable,
        user: String
    ) throws(ImportError) -> String {
        func text(_ name: String?) -> String {
            name.flatMap(table.column).map { "min(c.\($0.quotedIdentifier)::text)" } ?? "NULL::text"
        }
        let isNumber = ["smallint", "integer", "bigint", "numeric", "double precision"]
        let end = table.column(shape.accessTokenEnd).map { column in
            isNumber.contains(table.type(of: column))
                ? "min(to_timestamp(c.\(column.quotedIdentifier)::double precision))"
                : "min(\(finiteTime("c", column)))"
        }
        let owner = (try table.requiredColumn(shape.user)).quotedIdentifier
        let provider = (try table.requiredColumn(shape.provider)).quotedIdentifier
        let accountID = (try table.requiredColumn(shape.accountID)).quotedIdentifier
        return """
            CROSS JOIN LATERAL (
                SELECT
                    count(*) AS accounts, min(c.\(accountID)::text) AS account_id, \(text(shape.issuer)) AS issuer,
                    \(text(shape.accessToken)) AS access_token, \(text(shape.refreshToken)) AS refresh_token,
                    \(text(shape.idToken)) AS id_token, \(end ?? "NULL::timestamptz") AS access_end
                FROM \(table.name.quoted) AS c
                WHERE c.\(owner)::text = \(user)::text AND c.\(provider)::text = $2
            ) AS a
            """
    }
}
