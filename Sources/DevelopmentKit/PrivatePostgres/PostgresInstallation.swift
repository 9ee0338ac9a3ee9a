import Foundation

/// A search for the server's programs: Debian doesn't put them on the PATH.
struct PostgresInstallation {
    /// The oldest major version that the migrations are written for.
    static let oldestMajorVersion = 15

    static func find(path: String) async throws -> URL {
        var candidates = packaged()
        candidates += path.split(separator: ":").map { URL(filePath: String($0), directoryHint: .isDirectory) }
        if let told = await binaryDirectoryOfConfigTool(path: path) { candidates.append(told) }
        if let found = candidates.first(where: isComplete) { return found }
        throw PrivatePostgresError.notInstalled(oldest: oldestMajorVersion)
    }

    /// Where the packages of Debian and of the Postgres project put the programs, newest first.
    private static func packaged() -> [URL] {
        let versions = (oldestMajorVersion...oldestMajorVersion + 15).reversed()
        return versions.flatMap { version in
            ["/usr/lib/postgresql/\(version)/bin", "/usr/pgsql-\(version)/bin"].map {
                URL(filePath: $0, directoryHint: .isDirectory)
            }
        }
    }

    private static func isComplete(_ directory: URL) -> Bool {
        ["initdb", "postgres"].allSatisfy {
            FileManager.default.isExecutableFile(atPath: directory.appending(path: $0).path)
        }
    }

    private static func binaryDirectoryOfConfigTool(path: String) async -> URL? {
        let tool = path.split(separator: ":").map { "\($0)/pg_config" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let tool else { return nil }
        let answer = FileManager.default.temporaryDirectory.appending(path: "pg-config-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: answer) }
        var command = Command(tool, ["--bindir"])
        command.output = answer.path
        command.errors = "/dev/null"
        guard (try? await command.run(within: .seconds(10))) != nil,
            let text = try? String(contentsOf: answer, encoding: .utf8)
        else { return nil }
        let directory = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return directory.isEmpty ? nil : URL(filePath: directory, directoryHint: .isDirectory)
    }
}

extension PrivatePostgresError {
    static func notInstalled(oldest: Int) -> PrivatePostgresError {
        PrivatePostgresError(
            .notInstalled,
            "no Postgres server \(oldest) or newer found: apt-get install -y postgresql"
        )
    }
}
