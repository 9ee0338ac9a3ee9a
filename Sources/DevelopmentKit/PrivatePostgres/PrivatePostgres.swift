public import Foundation
import Glibc

/// A Postgres server of one's own: for `dev` and for tests.
///
/// It listens on a Unix socket in a directory that nobody else can enter, runs as the account `postgres` (or `nobody`)
/// when this process is root, and ends when this process ends, however it ends. Starting it again on the same directory
/// finds the data of the last time, after a crash too.
///
/// ```swift
/// let postgres = try await PrivatePostgres.start(directory: URL(filePath: ".dev/postgres"))
/// print(postgres.connectionString)
/// try await postgres.stop()
/// ```
public struct PrivatePostgres: Sendable {
    /// Where everything of this server lies, except perhaps its socket.
    public let directory: URL

    /// How it was set up.
    public let options: Options

    /// The port on 127.0.0.1; nil when it listens on the socket only.
    public let loopbackPort: UInt16?

    let layout: Layout
    let process: ChildProcess
    let lock: DirectoryLock

    /// The server's process number.
    public var processID: Int32 { process.processID }

    /// Whether the server is still there.
    public var isRunning: Bool { process.exit == nil }

    /// A libpq URI for the database `postgres`, through the socket.
    ///
    /// It stays the same when the server is restarted.
    public var connectionString: String {
        connectionString(database: "postgres")
    }

    /// A libpq URI through the socket.
    ///
    /// - Parameter database: the database's name; it need not exist yet.
    public func connectionString(database: String) -> String {
        let host = Self.escaped(layout.socketDirectory.path)
        // The socket's name has the port in it, whichever the server listens on.
        let port = loopbackPort.map(Int.init) ?? Layout.socketPort
        return "postgresql://\(Layout.user)@/\(Self.escaped(database))?host=\(host)&port=\(port)"
    }

    /// A libpq URI over TCP, with the password in it; nil when the server listens on the socket only.
    ///
    /// - Parameters:
    ///   - database: the database's name.
    ///   - parameters: what else goes into the URI's query, `sslmode` for one.
    public func loopbackConnectionString(
        database: String = "postgres",
        host: String = "127.0.0.1",
        parameters: [String: String] = [:]
    ) throws -> String? {
        guard let loopbackPort else { return nil }
        let query = parameters.sorted { $0.key < $1.key }.map { "\(Self.escaped($0.key))=\(Self.escaped($0.value))" }
        let suffix = query.isEmpty ? "" : "?" + query.joined(separator: "&")
        let password = try layout.password()
        return "postgresql://\(Layout.user):\(password)@\(host):\(loopbackPort)/\(Self.escaped(database))\(suffix)"
    }

    /// The directory of the server's programs: `initdb`, `postgres` and their like.
    ///
    /// - Throws: ``PrivatePostgresError`` with the code `notInstalled`; its message has the command that installs it.
    public static func findInstallation() async throws -> URL {
        try await PostgresInstallation.find(path: ProcessInfo.processInfo.environment["PATH"] ?? "")
    }

    /// Waits until the server ends, whoever ends it, or the task is cancelled.
    public func waitUntilStopped() async {
        _ = await process.waitForExit()
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                String(UnicodeScalar(byte))
            default:
                (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
