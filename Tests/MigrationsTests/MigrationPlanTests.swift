import Foundation
import Testing

@testable import Migrations

@Suite("Files and history compared")
struct MigrationPlanTests {
    private let moment = Date(timeIntervalSince1970: 1_700_000_000)

    private func file(_ version: Int32, _ script: String = "SELECT 1") throws -> MigrationFile {
        try MigrationFile(fileName: "\(version)_m\(version).sql", contents: Array(script.utf8))
    }

    private func row(_ file: MigrationFile) -> AppliedMigration {
        AppliedMigration(version: file.version, name: file.name, checksum: file.checksum, appliedAt: moment)
    }

    private func plan(files: [MigrationFile], applied: [MigrationFile]) -> MigrationPlan {
        MigrationPlan(files: files, history: applied.map(row))
    }

    @Test("What has no row is pending, in order")
    func pending() throws {
        let files = try [file(11), file(12), file(13)]
        #expect(try plan(files: files, applied: []).pending() == files)
        #expect(try plan(files: files, applied: [files[0]]).pending() == [files[1], files[2]])
        #expect(try plan(files: files, applied: files.reversed()).pending() == [])
    }

    @Test("An edited file, a newer database, a lost file and a hole in the history are told apart")
    func contradictions() throws {
        let files = try [file(11), file(12), file(13)]
        let edited = try file(12, "SELECT 2")
        let newer = try file(14)
        let older = try file(10)
        let cases: [(applied: [MigrationFile], MigrationError.Code, mentions: String)] = [
            ([files[0], edited], .editedFile, "12_m12.sql"),
            (files + [newer], .newerDatabase, "14"),
            ([older, files[0]], .missingFile, "10"),
            ([files[0], files[2]], .outOfOrder, "12_m12.sql"),
        ]
        for (applied, code, mentions) in cases {
            let error = #expect(throws: MigrationError.self) { try plan(files: files, applied: applied).pending() }
            #expect(error?.code == code)
            #expect(error?.message.contains(mentions) == true)
        }
    }

    @Test("The status has a line for every number that either side knows")
    func statuses() throws {
        let files = try [file(11), file(12), file(13)]
        let applied = try [files[0], file(12, "SELECT 2"), file(14)]
        let statuses = plan(files: files, applied: applied).statuses
        #expect(statuses.map(\.version) == [11, 12, 13, 14])
        #expect(statuses.map(\.state.word) == ["applied", "edited", "pending", "unknown"])
        #expect(statuses.map(\.state.appliedAt) == [moment, moment, nil, moment])
    }
}
