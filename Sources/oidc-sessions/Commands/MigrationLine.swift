import Foundation
import Migrations

/// A migration as the commands print it.
struct MigrationLine: Encodable {
    let version: Int32
    let name: String
    /// `applied`, `pending`, `edited` or `unknown`.
    let state: String
    /// Left out of JSON when it isn't applied.
    let appliedAt: Date?

    init(_ status: MigrationStatus) {
        version = status.version
        name = status.name
        state = status.state.word
        appliedAt = status.state.appliedAt
    }

    init(_ applied: AppliedMigration) {
        version = applied.version
        name = applied.name
        state = MigrationStatus.State.applied(at: applied.appliedAt).word
        appliedAt = applied.appliedAt
    }
}

/// What `migrate up --json` and `migrate verify --json` print.
struct AppliedReport: Encodable {
    /// What this run applied.
    let applied: [MigrationLine]
    /// Where the database is now.
    let version: Int32?
}
