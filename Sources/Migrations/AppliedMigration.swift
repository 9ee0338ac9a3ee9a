public import Foundation

/// A row of `schema_migrations`: a file that was applied to this database.
public struct AppliedMigration: Sendable, Hashable {
    /// The file's number.
    public let version: Int32

    /// The file's name without number and suffix.
    public let name: String

    /// SHA-256 of the file as it was applied, in lower-case hexadecimal.
    public let checksum: String

    /// When it was applied, by the database's clock.
    public let appliedAt: Date
}
