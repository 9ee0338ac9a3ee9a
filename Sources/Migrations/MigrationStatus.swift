public import Foundation

/// One line of `migrate status`: a file, a row of the history, or both.
public struct MigrationStatus: Sendable, Hashable {
    /// How file and history stand to each other.
    public enum State: Sendable, Hashable {
        /// Applied, and the file is still the same.
        case applied(at: Date)
        /// Not applied yet.
        case pending
        /// Applied, and the file was changed afterwards.
        case edited(at: Date)
        /// Applied, and there is no such file: the database is newer than the program.
        case unknown(at: Date)

        /// One word for tables and JSON.
        public var word: String {
            switch self {
            case .applied: "applied"
            case .pending: "pending"
            case .edited: "edited"
            case .unknown: "unknown"
            }
        }

        /// When it was applied, by the database's clock; nil when it was not.
        public var appliedAt: Date? {
            switch self {
            case .applied(let date), .edited(let date), .unknown(let date): date
            case .pending: nil
            }
        }
    }

    /// The number.
    public let version: Int32

    /// The name without number and suffix.
    public let name: String

    /// How file and history stand to each other.
    public let state: State
}
