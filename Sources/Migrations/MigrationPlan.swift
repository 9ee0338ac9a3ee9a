/// Files and history laid side by side.
///
/// Pure, so that every disagreement is tested without a database.
struct MigrationPlan {
    let files: [MigrationFile]
    let history: [AppliedMigration]

    init(files: [MigrationFile], history: [AppliedMigration]) {
        self.files = files
        self.history = history.sorted { $0.version < $1.version }
    }

    /// What `status` shows: every number that a file or the history has.
    var statuses: [MigrationStatus] {
        let applied = Dictionary(history.map { ($0.version, $0) }) { first, _ in first }
        let known = Set(files.map(\.version))
        let fromFiles = files.map { file in
            guard let row = applied[file.version] else {
                return MigrationStatus(version: file.version, name: file.name, state: .pending)
            }
            return MigrationStatus(
                version: file.version,
                name: file.name,
                state: row.checksum == file.checksum ? .applied(at: row.appliedAt) : .edited(at: row.appliedAt)
            )
        }
        let fromHistory = history.filter { !known.contains($0.version) }.map { row in
            MigrationStatus(version: row.version, name: row.name, state: .unknown(at: row.appliedAt))
        }
        return (fromFiles + fromHistory).sorted { $0.version < $1.version }
    }

    /// The files to apply, in order.
    ///
    /// - Throws: ``MigrationError`` when files and history contradict each other, in which case nothing may be applied.
    func pending() throws(MigrationError) -> [MigrationFile] {
        let last = files.last?.version ?? 0
        if let newer = history.last(where: { $0.version > last }) {
            throw MigrationError(
                .newerDatabase,
                "the database is at migration \(newer.version), this program knows up to \(last): use a newer program"
            )
        }
        let byVersion = Dictionary(files.map { ($0.version, $0) }) { first, _ in first }
        for row in history {
            guard let file = byVersion[row.version] else {
                throw MigrationError(
                    .missingFile,
                    "migration \(row.version) was applied to this database and has no file"
                )
            }
            guard file.checksum == row.checksum else {
                throw MigrationError(
                    .editedFile,
                    "\(file.fileName) was changed after it had been applied: restore it and put the change in a new file",
                    fileName: file.fileName
                )
            }
        }
        let highest = history.last?.version ?? 0
        let applied = Set(history.map(\.version))
        let pending = files.filter { !applied.contains($0.version) }
        if let first = pending.first, first.version < highest {
            throw MigrationError(
                .outOfOrder,
                "\(first.fileName) was not applied, but migration \(highest) was: the history has a gap",
                fileName: first.fileName
            )
        }
        return pending
    }
}
