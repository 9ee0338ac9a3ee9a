/// A table that a deployment may have had before its first migration, and what it must look like to be taken over.
///
/// `CREATE TABLE IF NOT EXISTS` is silent about a table of the same name and another shape; the failure would come
/// later, somewhere else. So the shape is looked at first.
public struct AdoptedTable: Sendable, Hashable {
    /// A column by name and type.
    public struct Column: Sendable, Hashable {
        /// The column's name.
        public let name: String

        /// The type as the server's `format_type` writes it: `character varying(255)`.
        public let type: String

        /// A column to be found in the table.
        public init(_ name: String, _ type: String) {
            self.name = name
            self.type = type
        }
    }

    /// The table's name, looked up in the current schema only.
    public let name: String

    /// The number of the file that creates the table; the check runs just before it.
    public let introducedBy: Int32

    /// Columns that must be there, with exactly these types.
    ///
    /// Others may be there too, if rows can do without them.
    public let columns: [Column]

    /// The one column of the primary key.
    public let primaryKey: String

    /// Describes a table to take over.
    public init(name: String, introducedBy: Int32, columns: [Column], primaryKey: String) {
        self.name = name
        self.introducedBy = introducedBy
        self.columns = columns
        self.primaryKey = primaryKey
    }

    /// The documented `sessions` table, as `11_sessions.sql` creates it.
    public static let documentedSessions = AdoptedTable(
        name: "sessions",
        introducedBy: 11,
        columns: [
            Column("id", "character varying(255)"),
            Column("nonce", "character varying(255)"),
            Column("state", "text"),
            Column("access_token", "text"),
            Column("code_verifier", "character varying(255)"),
            Column("sub", "character varying(255)"),
            Column("created_at", "timestamp with time zone"),
            Column("expires_at", "timestamp with time zone"),
            Column("last_accessed_at", "timestamp with time zone"),
        ],
        primaryKey: "id"
    )
}

extension AdoptedTable {
    /// What the catalogue says about a table of this name.
    struct Found {
        struct Column {
            var name: String
            var type: String
            var isPrimaryKey: Bool
            var needsValue: Bool
        }
        var isOrdinaryTable: Bool
        var columns: [Column]
    }

    /// Why the table that was found can't be taken over; nil when it can.
    func objection(to found: Found) -> String? {
        guard found.isOrdinaryTable else {
            return "it is not an ordinary table"
        }
        for column in columns {
            guard let there = found.columns.first(where: { $0.name == column.name }) else {
                return "it has no column \(column.name.quotedForPeople)"
            }
            guard there.type == column.type else {
                return "its column \(column.name.quotedForPeople) is \(there.type), not \(column.type)"
            }
        }
        guard found.columns.filter(\.isPrimaryKey).map(\.name) == [primaryKey] else {
            return "its primary key is not \(primaryKey.quotedForPeople)"
        }
        let known = Set(columns.map(\.name))
        if let extra = found.columns.first(where: { !known.contains($0.name) && $0.needsValue }) {
            return "its column \(extra.name.quotedForPeople) needs a value in every row"
        }
        return nil
    }
}
