import Foundation
import MigrationFiles
import Migrations
import Testing

@Suite("Where migrations come from")
struct MigrationSourceTests {
    /// `migrations/` of this package.
    private var folder: String {
        URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../migrations").standardizedFileURL.path
    }

    @Test("The binary has exactly the files of the folder, byte for byte")
    func embeddedEqualsFolder() throws {
        let embedded = try MigrationSource.embedded()
        let inFolder = try MigrationSource.folder(folder)
        #expect(embedded.files == inFolder.files)
        #expect(embedded.adopting == inFolder.adopting)
        #expect(MigrationFiles.all.count == embedded.files.count)
    }

    @Test("The documented table comes first, under its documented name")
    func firstFile() throws {
        let first = try #require(try MigrationSource.embedded().files.first)
        #expect(first.fileName == "11_sessions.sql")
        #expect(first.version == 11)
        #expect(first.checksum.count == 64)
    }

    @Test(
        "A name that is none of a migration is refused",
        arguments: [
            "sessions.sql", "11sessions.sql", "11-sessions.sql", "11_.sql", "_sessions.sql", "0_sessions.sql",
            "11_Sessions.sql", "11_sessions.SQL", "11_sessions.sql.bak", "-1_sessions.sql", "99999999999_sessions.sql",
            "11_s\u{F6}ssions.sql", "11_a/b.sql", " 11_sessions.sql",
        ]
    )
    func badName(name: String) {
        let error = #expect(throws: MigrationError.self) {
            try MigrationFile(fileName: name, contents: Array("SELECT 1".utf8))
        }
        #expect(error?.code == .badName)
    }

    @Test("What is not text is refused", arguments: [[0xff, 0xfe], [0x53, 0x00, 0x45]] as [[UInt8]])
    func notText(contents: [UInt8]) {
        let error = #expect(throws: MigrationError.self) {
            try MigrationFile(fileName: "1_a.sql", contents: contents)
        }
        #expect(error?.code == .unreadable)
        #expect(error?.fileName == "1_a.sql")
    }

    @Test(
        "A set of files with something wrong about it is refused",
        arguments: [
            (["1_a.sql", "3_c.sql"], MigrationError.Code.gap),
            (["1_a.sql", "1_b.sql"], .duplicate),
            (["01_a.sql", "1_a.sql"], .duplicate),
            ([], .empty),
        ]
    )
    func badSet(names: [String], code: MigrationError.Code) throws {
        let files = try names.map { try MigrationFile(fileName: $0, contents: Array("SELECT 1".utf8)) }
        let error = #expect(throws: MigrationError.self) { try MigrationSource(files: files) }
        #expect(error?.code == code)
    }

    @Test("Files are ordered by number, not by name")
    func order() throws {
        let names = ["10_j.sql", "9_i.sql", "11_k.sql"]
        let files = try names.map { try MigrationFile(fileName: $0, contents: Array("SELECT 1".utf8)) }
        #expect(try MigrationSource(files: files).files.map(\.version) == [9, 10, 11])
    }

    @Test("A folder that isn't there, or has a misnamed .sql file, is an error; other files are left alone")
    func folders() throws {
        #expect(throws: MigrationError.self) { try MigrationSource.folder("/nonexistent/migrations") }
        let directory = FileManager.default.temporaryDirectory.appending(path: "migrations-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for name in ["1_a.sql", "README.md", ".1_a.sql.swp", ".hidden.sql"] {
            try Data("SELECT 1".utf8).write(to: directory.appending(path: name))
        }
        #expect(try MigrationSource.folder(directory.path).files.map(\.fileName) == ["1_a.sql"])
        try Data("SELECT 1".utf8).write(to: directory.appending(path: "2-b.sql"))
        let error = #expect(throws: MigrationError.self) { try MigrationSource.folder(directory.path) }
        #expect(error?.code == .badName)
    }
}
