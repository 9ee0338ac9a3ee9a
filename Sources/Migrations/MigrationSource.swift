import Foundation
import MigrationFiles

/// Where the SQL comes from: out of the binary, or from a folder.
public struct MigrationSource: Sendable {
    /// The files in the order of their numbers, without a gap.
    public let files: [MigrationFile]

    /// Tables that may be there before the first migration, and what they must look like to be taken over.
    public let adopting: [AdoptedTable]

    /// A source of files that are already in memory.
    ///
    /// - Parameters:
    ///   - files: at least one, in any order.
    ///   - adopting: tables that a deployment may already have; see ``AdoptedTable``.
    /// - Throws: ``MigrationError``: `duplicate` for two files of one number, `gap` for a number that is left out,
    ///   `empty` without any file.
    public init(files: [MigrationFile], adopting: [AdoptedTable] = []) throws(MigrationError) {
        let sorted = files.sorted { ($0.version, $0.fileName) < ($1.version, $1.fileName) }
        guard !sorted.isEmpty else {
            throw MigrationError(.empty, "there are no migration files")
        }
        for (earlier, later) in zip(sorted, sorted.dropFirst()) {
            if earlier.version == later.version {
                throw MigrationError(
                    .duplicate,
                    "\(earlier.fileName) and \(later.fileName) have the same number",
                    fileName: later.fileName
                )
            }
            if later.version != earlier.version + 1 {
                throw MigrationError(
                    .gap,
                    "no file between \(earlier.fileName) and \(later.fileName) has the number \(earlier.version + 1)",
                    fileName: later.fileName
                )
            }
        }
        self.files = sorted
        self.adopting = adopting
    }

    /// The files that the program was built with.
    public static func embedded() throws(MigrationError) -> MigrationSource {
        var files: [MigrationFile] = []
        for (name, contents) in MigrationFiles.all {
            files.append(try MigrationFile(fileName: name, contents: contents))
        }
        return try MigrationSource(files: files, adopting: [.documentedSessions])
    }

    /// The `.sql` files of a folder.
    ///
    /// Other files and hidden ones are left alone; a `.sql` file with a name that is none of a migration is an error,
    /// because leaving it out in silence would be found out too late.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - adopting: tables that a deployment may already have; see ``AdoptedTable``.
    /// - Throws: ``MigrationError``: `unreadable` for a folder or file that can't be read, and what
    ///   ``MigrationFile/init(fileName:contents:)`` and ``init(files:adopting:)`` throw.
    public static func folder(
        _ path: String,
        adopting: [AdoptedTable] = [.documentedSessions]
    ) throws(MigrationError) -> MigrationSource {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw MigrationError(.unreadable, "cannot read the folder \(path.quotedForPeople)", underlying: error)
        }
        var files: [MigrationFile] = []
        for name in names.sorted() where name.lowercased().hasSuffix(".sql") && !name.hasPrefix(".") {
            guard let contents = FileManager.default.contents(atPath: path + "/" + name) else {
                throw MigrationError(.unreadable, "cannot read \(name.quotedForPeople)", fileName: name)
            }
            files.append(try MigrationFile(fileName: name, contents: [UInt8](contents)))
        }
        return try MigrationSource(files: files, adopting: adopting)
    }
}
