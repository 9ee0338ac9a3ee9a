import Foundation
import Glibc
import Patience
import PrivatePostgres

/// A PgBouncer of a test's own before a private Postgres: on a Unix socket, with the account of the server.
public struct PgBouncer: Sendable {
    private static let program = "/usr/sbin/pgbouncer"

    /// Whether there is one: `apt-get install -y pgbouncer`.
    public static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    /// Runs one for the length of a scope.
    ///
    /// - Parameters:
    ///   - server: the libpq URI of a database.
    ///   - mode: PgBouncer's `pool_mode`.
    ///   - body: gets the same database's URI by way of it.
    public static func withPooler<R>(
        before server: String,
        mode: String,
        _ body: (String) async throws -> R
    ) async throws -> R {
        guard var components = URLComponents(string: server),
            let host = components.queryItems?.first(where: { $0.name == "host" })?.value
        else { throw FaultError("the URI has no socket") }
        let directory = URL(
            filePath: "/tmp/oidc-bouncer-\(getpid())-\(UUID().uuidString.prefix(8).lowercased())",
            directoryHint: .isDirectory
        )
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let configuration = directory.appending(path: "pgbouncer.ini")
        let text = """
            [databases]
            * = host=\(host) port=5432 user=\(components.user ?? "postgres")
            [pgbouncer]
            unix_socket_dir = \(directory.path)
            listen_port = 6432
            auth_type = any
            pool_mode = \(mode)
            default_pool_size = 40
            """
        try Data(text.utf8).write(to: configuration)
        let owner = try owner(of: host)
        guard chown(directory.path, owner.user, owner.group) == 0 || geteuid() != 0 else {
            throw FaultError("cannot hand over \(directory.path)")
        }
        var command = Command(program, [configuration.path])
        if geteuid() == 0 {
            // PgBouncer doesn't run as root, and the server's socket is for its own account.
            let account = ["--reuid", "\(owner.user)", "--regid", "\(owner.group)", "--clear-groups"]
            let powers = ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
            command.executable = "/usr/bin/setpriv"
            command.arguments = ["--pdeathsig", "INT"] + account + powers + ["--", program, configuration.path]
        }
        command.output = directory.appending(path: "log").path
        let process = try await ChildProcess.start(command)
        defer { process.signal(SIGKILL) }
        let socket = SocketAddress.file(directory.path + "/.s.PGSQL.6432")
        try await eventually("PgBouncer listens, or has ended") { socket.connect() != nil || process.exit != nil }
        guard process.exit == nil else {
            let log = (try? String(contentsOf: directory.appending(path: "log"), encoding: .utf8)) ?? ""
            throw FaultError("PgBouncer did not start\n\(log)")
        }
        components.queryItems = [
            URLQueryItem(name: "host", value: directory.path), URLQueryItem(name: "port", value: "6432"),
        ]
        guard let uri = components.string else { throw FaultError("the URI can't be changed") }
        return try await body(uri)
    }

    private static func owner(of path: String) throws -> (user: uid_t, group: gid_t) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw FaultError("cannot look at \(path)") }
        return (status.st_uid, status.st_gid)
    }
}
