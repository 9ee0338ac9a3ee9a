import Glibc
import NIOCore
import ServiceLifecycle
import SessionServer
import Synchronization

/// A server that begins once the database has had its say, and whose failure to listen names the setting to change.
struct ListeningService<Server: Service>: Service {
    private let schema: SchemaGuard
    private let listener: Settings.Listener
    private let portSetting: String
    private let hasListened = Flag()
    private let server: Server

    /// - Parameters:
    ///   - schema: decides whether anything is served at all.
    ///   - listener: where it listens.
    ///   - portSetting: what to change when the port is taken.
    ///   - make: builds the server for a listener.
    init(
        schema: SchemaGuard,
        listener: Settings.Listener,
        portSetting: String,
        drainTimeout: Duration,
        onListening: @escaping @Sendable (Int) -> Void,
        make: (ListenerConfiguration) throws -> Server
    ) rethrows {
        self.schema = schema
        self.listener = listener
        self.portSetting = portSetting
        var configuration = ListenerConfiguration()
        configuration.host = listener.host
        configuration.port = listener.port
        configuration.drainTimeout = drainTimeout
        configuration.onListening = { [hasListened] port in
            hasListened.raise()
            onListening(port)
        }
        server = try make(configuration)
    }

    /// Serves until graceful shutdown or cancellation.
    func run() async throws {
        guard await schema.mayServe() else {
            try? await gracefulShutdown()
            return
        }
        do {
            try await server.run()
        } catch  where !hasListened.isRaised && !(error is CancellationError) {
            throw ProgramError(complaint(about: error))
        }
    }

    /// What to change: the host when it is no address of this machine, the port otherwise.
    private func complaint(about error: any Error) -> String {
        let hostSetting = portSetting == SettingName.adminPort.rawValue ? SettingName.adminHost : .host
        let host = "\(hostSetting.rawValue): cannot listen on \(listener.host): "
        let port = "\(portSetting): cannot listen on \(listener.host):\(listener.port): "
        if error is SocketAddressError.UnknownHost { return host + "there is no such host" }
        switch (error as? IOError)?.errnoCode {
        case EADDRNOTAVAIL: return host + "it is no address of this machine"
        case EADDRINUSE: return port + "another program listens there; choose another port"
        case EACCES: return port + "this account may not use the port"
        case .some(let number): return port + String(cString: strerror(number))
        case nil: return port + "\(error)"
        }
    }
}

/// Something that has happened or not.
private final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .acquiring) }

    func raise() { value.store(true, ordering: .releasing) }
}
