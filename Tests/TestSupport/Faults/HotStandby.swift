public import Foundation
import Patience
public import PostgresPipeline
public import PrivatePostgres
import Secrets

/// A second server that follows a private Postgres, as it has in production.
public enum HotStandby {
    /// Copies a running server, and starts the copy as its standby.
    ///
    /// - Parameter directory: where the standby lives; removed by the caller.
    public static func start(following primary: PrivatePostgres, directory: URL) async throws -> PrivatePostgres {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let data = directory.appending(path: "data").path
        let installation = try await PrivatePostgres.findInstallation()
        let copy = Command(
            installation.appending(path: "pg_basebackup").path,
            ["--pgdata", data, "--checkpoint", "fast", "--write-recovery-conf", "--dbname", primary.connectionString]
        )
        try await copy.run(within: .seconds(300))
        // A root makes a root's files.
        let original = primary.directory.appending(path: "data").path
        try await Command("/usr/bin/chown", ["--recursive", "--reference", original, data]).run(within: .seconds(60))
        var options = primary.options
        options.deadline = .seconds(300)
        return try await PrivatePostgres.start(directory: directory, options: options)
    }

    /// Waits until the standby has everything that the primary has committed so far.
    public static func waitForReplay(of primary: PostgresClient, by standby: PostgresClient) async throws {
        let written = PostgresStatement("SELECT pg_current_wal_lsn()::text")
        guard let position = try await primary.read(written).first?.text(0) else { throw FaultError("no position") }
        let replayed = PostgresStatement("SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn", parameters: [.text])
        try await eventually("the standby has followed") {
            try await standby.read(replayed, .text(position)).first?.bool(0) == true
        }
    }

    /// Makes the standby a primary.
    public static func promote(_ standby: PostgresClient) async throws {
        _ = try await standby.read(PostgresStatement("SELECT pg_promote(true, 300)"))
    }
}
