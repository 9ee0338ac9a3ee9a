import Foundation
import HTTPTypes
import HummingbirdTesting
import LoginFlow
import PostgresPipeline
import PrivatePostgres
import ScriptedProvider
import Secrets
import SessionServer
import Sessions
import TestSupport
import Testing

@Suite("A full disk")
struct FullDiskTests {
    private static let moveTables = """
        ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE %;
        ALTER INDEX ALL IN TABLESPACE pg_default SET TABLESPACE %
        """

    @Test(
        "RB-09 with the disk full sessions are read, logins get 503, the cleaner frees space, and logins go on",
        .enabled("it takes a root that may mount a file system") { await TinyDisk.isPossible() }
    )
    func fullDisk() async throws {
        let server = try await TestDatabase.shared.server()
        let sample = server.directory.appending(path: "data").path
        try await TinyDisk.withDisk(megabytes: 6, for: sample) { path in
            let space = URL(filePath: path).lastPathComponent.replacing("-", with: "_")
            try await administer("CREATE TABLESPACE \(space) LOCATION '\(path)'")
            let result: Result<Void, any Error>
            do {
                result = .success(try await inFullDatabase(space: space, at: URL(filePath: path)))
            } catch {
                result = .failure(error)
            }
            try await administer("DROP TABLESPACE \(space)")
            try result.get()
        }
    }

    private func administer(_ sql: String) async throws {
        try await withServer { _ = try await $0.write(PostgresStatement(sql)) }
    }

    private func withTransactionElsewhere(_ body: @Sendable () async throws -> Void) async throws {
        try await withServer { client in
            try await client.withDedicatedConnection { connection in
                try await connection.execute(script: "BEGIN; SELECT pg_current_xact_id()")
                try await body()
                try await connection.execute(script: "COMMIT")
            }
        }
    }

    private func withServer(_ body: @Sendable (PostgresClient) async throws -> Void) async throws {
        let server = try await TestDatabase.shared.server()
        try await PostgresClient.withClient(
            configuration: PostgresConfiguration(connectionString: Secret(server.connectionString)),
            logger: TestDatabase.silentLogger,
            body
        )
    }

    private func inFullDatabase(space: String, at disk: URL) async throws {
        // For the maps that VACUUM has to begin at the end, 24 KB for the table and for each of its indexes.
        let room = disk.appending(path: "room-for-maps")
        try Data(count: 384 * 1024).write(to: room)
        defer { try? FileManager.default.removeItem(at: room) }
        try await FaultSite.run { fault in
            let database = fault.database
            try await database.withDedicatedConnection {
                try await $0.execute(script: Self.moveTables.replacing("%", with: space))
            }
            let browser = Browser(fault.http)
            try await browser.signIn(fault.site.provider)
            // The table has been cleaned and vacuumed before, as everywhere. The maps of its indexes weren't begun: that
            // takes pages older than every transaction, those of other databases too.
            try await withTransactionElsewhere {
                for _ in 0..<3 {
                    try await StoredRows.insert(2_000, into: database, expired: true)
                    _ = try await fault.site.manager.cleanUp()
                    try await database.withDedicatedConnection { try await $0.execute(script: "VACUUM sessions") }
                }
            }
            // What is over fills the disk, to the last row.
            var rows = 4_096
            while rows > 0 {
                do {
                    try await StoredRows.insert(rows, into: database, expired: true)
                } catch let error as PostgresError where error.sqlState == "53100" {
                    rows /= 2
                }
            }

            #expect(try await browser.whoAmI() == "alice-1")
            #expect(try await browser.get("/health/ready").status == .ok)
            // There may be room for some that are smaller.
            var login = try await Browser(fault.http).get("/login")
            for _ in 0..<2_000 where login.status == .seeOther { login = try await Browser(fault.http).get("/login") }
            login.expectUnavailable("the disk is full")
            #expect(try await browser.whoAmI() == "alice-1")

            let report = try await fault.site.manager.cleanUp()
            #expect(report.expiredSessions > 1_000)
            // Which autovacuum does by itself, a minute later.
            try FileManager.default.removeItem(at: room)
            try await database.withDedicatedConnection { try await $0.execute(script: "VACUUM sessions") }
            let other = Browser(fault.http)
            try await other.signIn(fault.site.provider, as: .mallory)
            #expect(try await other.whoAmI() == "mallory-1")
            #expect(try await browser.whoAmI() == "alice-1")
        }
    }
}
