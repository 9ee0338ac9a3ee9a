import NIOCore
import NIOHTTP1
import NIOPosix
import OpenIDConnect
import Synchronization

/// A scripted provider on a free port of this machine: for relying parties over a real connection, in this process or
/// another, and for their browsers.
///
/// The same switches hold. A ``Misbehaviour/failure(_:_:)`` becomes what has that effect: silence, a connection that
/// ends in the middle of the answer, or an answer without end.
public enum ScriptedListener {
    /// Listens for the time of `body`.
    ///
    /// - Parameters:
    ///   - make: gets the issuer, `http://127.0.0.1:port`.
    ///   - body: gets the provider that `make` has made.
    public static func with<Result: Sendable>(
        _ make: (_ issuer: String) -> ScriptedProvider,
        _ body: (ScriptedProvider) async throws -> Result
    ) async throws -> Result {
        let door = Door()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try pipeline.addHandler(Handler(door))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        let provider = make("http://127.0.0.1:\(listener.localAddress?.port ?? 0)")
        door.provider.withLock { $0 = provider }
        do {
            let result = try await body(provider)
            try await listener.close()
            return result
        } catch {
            try await listener.close()
            throw error
        }
    }

    /// The provider, which can be made only when its port is known.
    private final class Door: Sendable {
        let provider = Mutex<ScriptedProvider?>(nil)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart

        let door: Door
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ door: Door) {
            self.door = door
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let buffer): body += buffer.readableBytesView
            case .end:
                guard let head, let provider = door.provider.withLock({ $0 }) else { return }
                Self.begin(head, body, of: provider, on: context.channel)
            }
        }

        private static func begin(
            _ head: HTTPRequestHead,
            _ body: [UInt8],
            of provider: ScriptedProvider,
            on channel: any Channel
        ) {
            Task { await answer(head, body, of: provider, on: channel) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        private static func answer(
            _ head: HTTPRequestHead,
            _ body: [UInt8],
            of provider: ScriptedProvider,
            on channel: any Channel
        ) async {
            let request = HTTPTransportRequest(
                method: head.method == .POST ? .post : .get,
                url: provider.issuer + head.uri,
                headers: head.headers.map { ($0.name, $0.value) },
                body: body,
                maximumResponseBytes: .max
            )
            do {
                let response = try await provider.send(request)
                var lines = ["HTTP/1.1 \(response.status) Scripted", "Content-Length: \(response.body.count)"]
                lines += response.headers.map { "\($0.name): \($0.value)" }
                send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + response.body, on: channel)
            } catch let error as HTTPTransportError {
                fail(error.code, on: channel)
            } catch {
                channel.close(promise: nil)
            }
        }

        private static func fail(_ code: HTTPTransportError.Code, on channel: any Channel) {
            switch code {
            case .timedOut: break
            case .connectionLost:
                send(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".utf8), on: channel)
                channel.close(promise: nil)
            case .responseTooLarge:
                send(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8), on: channel)
                let chunk = Array(("10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n").utf8)
                channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { task in
                    guard channel.isActive else { return task.cancel() }
                    send(chunk, on: channel)
                }
            default: channel.close(promise: nil)
            }
        }

        private static func send(_ bytes: [UInt8], on channel: any Channel) {
            channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        }
    }
}
