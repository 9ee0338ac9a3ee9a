public import Foundation
import Glibc

extension PrivatePostgres {
    /// Starts a server.
    ///
    /// - Parameters:
    ///   - directory: where it lives; made, and filled by `initdb`, when there is nothing yet.
    ///   - options: how it is set up; may differ from the last time.
    /// - Returns: a server that accepts connections.
    /// - Throws: ``PrivatePostgresError``: `notInstalled`, `noAccount`, `inUse` when another program has started one
    ///   there, `processFailed` and `notReady` with the last lines of the server's log.
    public static func start(directory: URL, options: Options = .init()) async throws -> PrivatePostgres {
        let account = try ServerAccount.current()
        let installation = try await findInstallation()
        do {
            try FileManager.default.createDirectory(
                at: directory.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
        } catch {
            throw PrivatePostgresError(.fileSystem, "cannot make \(directory.deletingLastPathComponent().path)")
        }
        let layout = Layout(directory: directory)
        try Layout.makePrivateDirectory(layout.directory, for: account)
        guard let lock = try DirectoryLock.take(in: layout.directory) else {
            throw PrivatePostgresError(
                .inUse,
                "another program runs a database in \(layout.directory.path): end it first"
            )
        }
        do {
            try await StrayServer.reap(dataDirectory: layout.data, within: options.deadline)
            let preparation = Preparation(
                layout: layout,
                options: options,
                account: account,
                installation: installation
            )
            try await preparation.initialiseIfEmpty()
            let port = try options.listenOnLoopback.map { try $0 == 0 ? freePort() : $0 }
            try preparation.writeSettings(port: port)
            let process = try await preparation.launch()
            return PrivatePostgres(
                directory: layout.directory,
                options: options,
                loopbackPort: port,
                layout: layout,
                process: process,
                lock: lock
            )
        } catch {
            lock.release()
            throw error
        }
    }

    /// A port that nobody listens on at this moment.
    package static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard found else {
            throw PrivatePostgresError(.fileSystem, "cannot find a free port: \(lastSystemError())")
        }
        return UInt16(bigEndian: address.sin_port)
    }
}
