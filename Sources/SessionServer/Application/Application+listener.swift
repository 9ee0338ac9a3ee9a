import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

extension Application {
    /// An application on a listener, with the limits that Hummingbird leaves open.
    init(responder: Responder, listener: ListenerConfiguration, logger: Logger)
    where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
        let (lingering, places) = (listener.lingering, LingeringPlaces(listener.lingering.connections))
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                RequestFraming.Installer(end: LingeringClose(lingering, places: places)), ConnectionOptions(),
                BodyDeadline(listener.bodyTimeout, maximumUnwanted: lingering.bytes),
            ],
            idleTimeout: TimeAmount(listener.idleTimeout),
            // Room enough that the answer to too large a head is ours, and can say what is wrong: OversizedHead.
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 80 * 1024,
                maxHeaderListSize: 96 * 1024,
                maxHeaderFieldCount: 256
            )
        )
        self.init(
            responder: responder,
            server: .http1(configuration: channel),
            configuration: ApplicationConfiguration(
                address: .hostname(listener.host, port: listener.port),
                availableConnectionsDelegate: MaximumAvailableConnections(listener.maximumConnections, logger: logger)
            ),
            onServerRunning: { channel in
                await listener.onListening(channel.localAddress?.port ?? listener.port)
            },
            logger: logger
        )
    }

    /// Runs, and at graceful shutdown waits so long for the requests under way, then cancels them.
    func run(drainingFor timeout: Duration) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: timeout)
                self.logger.warning("Requests did not finish in time and are cut off")
            }
            try await group.next()
            group.cancelAll()
        }
    }
}
