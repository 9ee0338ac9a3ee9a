import Foundation
import Glibc
import Synchronization

/// A stretch of wire between a program and its Postgres, on which things go wrong when a test says so.
///
/// It has two threads for each connection, which block: what it holds up is held up, however busy the machine is.
public final class FaultProxy: Sendable {
    /// How the program comes in.
    public enum Door: Sendable, CaseIterable {
        /// By a Unix socket in a directory of the proxy's own.
        case socket
        /// By a port of 127.0.0.1; a request for TLS is answered with no.
        case loopback
    }

    struct State {
        var weather = Weather()
        var snares: [Snare] = []
        var connections: [ObjectIdentifier: ProxiedConnection] = [:]
        var isOver = false
        var accepted = 0
    }

    /// A libpq URI like the server's own, by way of the proxy.
    public let connectionString: String

    let server: SocketAddress
    let state = Mutex(State())
    private let listener: Descriptor
    private let directory: URL?

    /// Runs a proxy for the length of a scope.
    ///
    /// - Parameter server: the libpq URI of the server; it need not run yet.
    public static func withProxy<R>(
        to server: String,
        door: Door = .socket,
        _ body: (FaultProxy) async throws -> R
    ) async throws -> R {
        let proxy = try FaultProxy(server, door)
        defer { proxy.end() }
        return try await body(proxy)
    }

    private init(_ server: String, _ door: Door) throws {
        self.server = try SocketAddress(uri: server)
        guard var components = URLComponents(string: server) else { throw FaultError("not a URI") }
        var items = (components.queryItems ?? []).filter { !["host", "port"].contains($0.name) }
        switch door {
        case .socket:
            // Short, because a socket's path may not have more than 107 bytes.
            let name = "oidc-proxy-\(getpid())-\(UUID().uuidString.prefix(8).lowercased())"
            let directory = URL(filePath: "/tmp/\(name)", directoryHint: .isDirectory)
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            self.directory = directory
            listener = try SocketAddress.file(directory.path + "/.s.PGSQL.5432").listen().0
            components.host = ""
            components.port = nil
            items += [URLQueryItem(name: "host", value: directory.path), URLQueryItem(name: "port", value: "5432")]
        case .loopback:
            directory = nil
            let (listener, address) = try SocketAddress.loopback(0).listen()
            self.listener = listener
            guard case .loopback(let port) = address else { throw FaultError("no port") }
            components.host = "127.0.0.1"
            components.port = Int(port)
        }
        components.queryItems = items.isEmpty ? nil : items
        guard let text = components.string else { throw FaultError("the URI can't be changed") }
        connectionString = text
        start()
    }

    private func start() {
        let thread = Thread { [listener] in
            while true {
                let number = accept(listener.number, nil, nil)
                if number >= 0 {
                    self.take(Descriptor(number))
                } else if errno != EINTR, errno != ECONNABORTED {
                    return
                }
            }
        }
        thread.name = "fault-proxy"
        thread.start()
    }

    private func take(_ client: Descriptor) {
        client.sendAtOnce()
        let connection = ProxiedConnection(client: client, proxy: self)
        let isWanted = state.withLock { state in
            state.accepted += 1
            guard !state.isOver, !state.weather.refuses else { return false }
            state.connections[ObjectIdentifier(connection)] = connection
            return true
        }
        if isWanted { connection.start() } else { client.end() }
    }

    /// What happens to all bytes from now on.
    public var weather: Weather {
        get { state.withLock { $0.weather } }
        set { state.withLock { $0.weather = newValue } }
    }

    /// How many connections were made to it.
    public var accepted: Int { state.withLock { $0.accepted } }

    /// How many connections there are.
    public var open: Int { state.withLock { $0.connections.count } }

    /// Lays a snare for the next statement with this text in it.
    public func lay(_ statement: String, _ moment: Snare.Moment, _ effect: Snare.Effect) -> Snare {
        let snare = Snare(statement, moment, effect)
        state.withLock { $0.snares.append(snare) }
        return snare
    }

    /// Cuts every connection.
    public func cutAll() {
        for connection in state.withLock({ Array($0.connections.values) }) { connection.cut() }
    }

    func remove(_ connection: ProxiedConnection) {
        state.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(connection)) }
    }

    /// The snare that a statement runs into; it is taken with that.
    func snare(for sql: String) -> Snare? {
        state.withLock { state in
            guard let index = state.snares.firstIndex(where: { sql.contains($0.statement) }) else { return nil }
            let snare = state.snares.remove(at: index)
            return snare.isSprung ? nil : snare
        }
    }

    private func end() {
        state.withLock { $0.isOver = true }
        listener.end()
        cutAll()
        if let directory { try? FileManager.default.removeItem(at: directory) }
    }
}
