import Foundation

@testable import Migrations

extension FuzzTarget {
    /// Files of a folder: the name of each on a line, its contents up to a line of one dot.
    static let migrations = FuzzTarget(
        name: "migrations",
        maximumBytes: 20_000,
        dictionary: [
            "11_sessions.sql\n", "12_", ".sql", "\n.\n", "_", "SELECT 1;", "999999999_", "00011_", ".SQL", "/", "\\",
        ]
    ) { bytes in
        var files: [MigrationFile] = []
        for lines in folders(bytes) {
            let name = String(decoding: lines.first ?? [], as: UTF8.self)
            let contents = Array(lines.dropFirst().joined(separator: [0x0A]))
            guard let file = try? MigrationFile(fileName: name, contents: contents) else { continue }
            try check(file, name, contents)
            files.append(file)
        }
        guard let source = try? MigrationSource(files: files.shuffled()) else { return }
        try expect(source.files.count == files.count, "a file is left out")
        for (earlier, later) in zip(source.files, source.files.dropFirst()) {
            try expect(later.version == earlier.version + 1, "a gap, or a number twice")
        }
        for count in [0, source.files.count / 2, source.files.count] { try checkPlan(source.files, applied: count) }
    }

    private static func folders(_ bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        return lines.split { $0 == [0x2E] }.prefix(32).map { Array($0) }
    }

    private static func check(_ file: MigrationFile, _ name: String, _ contents: [UInt8]) throws {
        try expect(file.fileName == name && name.utf8.allSatisfy { $0 < 0x80 }, "another name")
        let digits = name.prefix { $0 != "_" }
        try expect(name == "\(digits)_\(file.name).sql" && Int32(digits) == file.version, "a name of other parts")
        try expect((1...999_999_999).contains(file.version) && !file.name.isEmpty, "number or name")
        try expect(!name.contains("/") && !name.contains("\n"), "a name that is a path or two lines")
        try expect(Array(file.script.utf8) == contents, "another script than the file's")
        try expect(file.checksum.utf8.count == 64 && !contents.contains(0), "checksum, or NUL in the script")
    }

    /// What was applied is not applied again, and what was edited afterwards is refused.
    private static func checkPlan(_ files: [MigrationFile], applied count: Int) throws {
        var history = files.prefix(count).map {
            AppliedMigration(version: $0.version, name: $0.name, checksum: $0.checksum, appliedAt: .distantPast)
        }
        let pending = try MigrationPlan(files: files, history: history).pending()
        try expect(pending == Array(files.dropFirst(count)), "other files than those that are left")
        guard let last = history.popLast() else { return }
        history.append(AppliedMigration(version: last.version, name: last.name, checksum: "", appliedAt: .distantPast))
        let plan = MigrationPlan(files: files, history: history)
        try expect((try? plan.pending()) == nil, "an edited file was not noticed")
        try expect(plan.statuses.count == files.count, "a file without a status")
    }
}
