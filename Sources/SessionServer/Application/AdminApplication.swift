import HTTPTypes
public import Hummingbird
public import Logging
import NIOCore
import OpenIDConnect
public import ServiceLifecycle

/// The server of the admin listener: `/metrics` and `/health/live`.
///
/// It belongs on an address that strangers don't reach.
public struct AdminApplication: Service {
    /// The Hummingbird application, for tests.
    public let application: Application<RouterResponder<BasicRequestContext>>
    private let drainTimeout: Duration

    /// Builds the server.
    ///
    /// - Parameter metrics: Writes everything measured so far as Prometheus text.
    public init(
        listener: ListenerConfiguration,
        logger: Logger,
        metrics: @escaping @Sendable () -> String
    ) {
        let router = Router(context: BasicRequestContext.self)
        router.get(RouterPath(Paths.metrics)) { _, _ in
            Response(
                status: .ok,
                headers: [
                    .contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store",
                    .xContentTypeOptions: "nosniff",
                ],
                body: .init(byteBuffer: ByteBuffer(string: metrics()))
            )
        }
        router.get(RouterPath(Paths.live)) { _, _ in Response.json(["status": "live"]) }
        self.application = Application(responder: router.buildResponder(), listener: listener, logger: logger)
        self.drainTimeout = listener.drainTimeout
    }

    /// Serves until graceful shutdown or cancellation.
    public func run() async throws {
        try await application.run(drainingFor: drainTimeout)
    }
}
