import PostgresPipeline

/// What is known about the table `schema_migrations` before reading it.
enum MigrationHistory {
    /// Whether the table is there.
    ///
    /// Other tools use the same name for tables of other shapes; reading or extending theirs would harm both.
    static func isPresent(columns: [String]) throws(MigrationError) -> Bool {
        if columns.isEmpty { return false }
        guard Set(["version", "name", "checksum", "applied_at"]).isSubset(of: columns) else {
            throw MigrationError(
                .foreignHistory,
                "the table schema_migrations was made by another tool: give these migrations a schema of their own"
                    + " (search_path in the connection string)"
            )
        }
        return true
    }
}

extension AppliedMigration {
    init(row: PostgresRow) throws {
        version = try row.int4(0)
        name = try row.text(1)
        checksum = try row.text(2)
        appliedAt = try row.timestamp(3).date
    }
}
