import PostgresPipeline

/// A table of the source, as the catalogue describes it.
struct SourceTable: Sendable {
    /// Its name with its schema.
    let name: TableName
    /// Its columns and their types, in their order.
    let columns: [(name: String, type: String)]

    // By the catalogue's index on names.
    private static let describe = PostgresStatement(
        """
        SELECT n.nspname, a.attname, format_type(a.atttypid, NULL)
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND CASE WHEN $1 IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $1 END
        ORDER BY a.attnum
        """,
        parameters: [.text, .text]
    )

    /// The first table of several names that is there; an error with the code `missing` when none is.
    static func find(
        _ names: [TableName],
        orThrow missing: ImportError.Code,
        on connection: PostgresConnection
    ) async throws -> SourceTable {
        for name in names {
            let result = try await connection.query(describe, [.text(name.schema), .text(name.name)])
            guard let first = result.first else { continue }
            let columns = try (0..<result.rowCount).map { row in
                (name: try result[row].text(1), type: try result[row].text(2))
            }
            return SourceTable(name: TableName(schema: try first.text(0), name: name.name), columns: columns)
        }
        let list = names.map(\.description).joined(separator: ", ")
        throw ImportError(
            missing,
            "no table \(list) that this user of the database can see; names are letter for letter, such as public.Session"
        )
    }

    /// The column of a name in camel case, as it is or in snake case or lower case; nil when there is none.
    func column(_ name: String) -> String? {
        let spellings = [name, Self.snakeCase(name), name.lowercased()]
        return spellings.first { spelling in columns.contains { $0.name == spelling } }
    }

    /// The same, for one that the system can't be without.
    func requiredColumn(_ name: String) throws(ImportError) -> String {
        if let column = column(name) { return column }
        throw ImportError(.wrongTable, "the table \(self.name) has no column \(name), so it is another system's")
    }

    /// The type of a column, as a cast names it.
    func type(of column: String) -> String {
        columns.first { $0.name == column }?.type ?? "text"
    }

    private static func snakeCase(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }
}
