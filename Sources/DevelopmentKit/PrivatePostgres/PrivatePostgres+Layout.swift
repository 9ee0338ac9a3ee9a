import Foundation
import Glibc

extension PrivatePostgres {
    /// Where the parts of a server lie below its directory.
    struct Layout: Sendable {
        static let user = "postgres"
        static let socketPort = 5432

        let directory: URL
        let socketDirectory: URL

        var data: URL { directory.appending(path: "data", directoryHint: .isDirectory) }
        /// initdb writes here; the directory is renamed when it is complete, so that half of one is never taken for all.
        var unfinishedData: URL { directory.appending(path: "data.unfinished", directoryHint: .isDirectory) }
        var log: URL { directory.appending(path: "server.log") }
        var previousLog: URL { directory.appending(path: "server.previous.log") }
        var passwordFile: URL { directory.appending(path: "password") }
        var settings: URL { data.appending(path: "private.conf") }

        init(directory: URL) {
            let resolved = directory.standardizedFileURL.resolvingSymlinksInPath()
            self.directory = resolved
            self.socketDirectory = Self.socketDirectory(for: resolved)
        }

        func password() throws -> String {
            do {
                return try String(contentsOf: passwordFile, encoding: .utf8)
            } catch {
                throw PrivatePostgresError(.fileSystem, "cannot read \(passwordFile.path)")
            }
        }

        /// Below the directory, when the path is short enough for a socket.
        ///
        /// It may have 107 bytes (unix(7)), of which the server's own name takes 14. Else a name that follows from the
        /// directory's, so that a restart has the same one.
        private static func socketDirectory(for directory: URL) -> URL {
            let inside = directory.appending(path: "socket", directoryHint: .isDirectory)
            if inside.path.utf8.count <= 90 { return inside }
            // FNV-1a: nothing here depends on nobody finding a second one.
            let hash = directory.path.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01b3
            }
            let name = "oidc-sessions-\(geteuid())-\(String(hash, radix: 36))"
            return URL(filePath: "/tmp", directoryHint: .isDirectory)
                .appending(path: name, directoryHint: .isDirectory)
        }

        /// Makes a directory that only its owner enters; one that is there already must have been made here.
        static func makePrivateDirectory(_ url: URL, for account: ServerAccount) throws {
            if mkdir(url.path, 0o700) != 0 {
                guard errno == EEXIST else {
                    throw PrivatePostgresError(.fileSystem, "cannot make \(url.path): \(lastSystemError())")
                }
                var status = stat()
                guard lstat(url.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
                    status.st_uid == account.userID || status.st_uid == geteuid()
                else {
                    throw PrivatePostgresError(.fileSystem, "\(url.path) belongs to somebody else")
                }
            }
            try account.takeOver(url, mode: 0o700)
        }
    }
}
