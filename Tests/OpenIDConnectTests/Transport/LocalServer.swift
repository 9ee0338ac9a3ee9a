import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Patience
import Synchronization

/// An HTTP server on a free port of this machine that reads requests and writes whatever bytes the script says.
final class LocalServer: Sendable {
    /// A request as it arrived.
    struct Request: Sendable {
        /// Which of the server's connections, counted from 1.
        var connection: Int
        var head: HTTPRequestHead
        var body: [UInt8] = []
    }

    /// Answers a request by writing to, closing or ignoring the connection; runs on its event loop.
    typealias Script = @Sendable (Request, any Channel) -> Void

    let port: Int
    private let record: Record

    /// What happened so far.
    final class Record: Sendable {
        struct Events {
            var connections = 0
            var requests: [Request] = []
            var closed = 0
        }

        let events = Mutex(Events())

        func closed() {
            events.withLock { $0.closed += 1 }
        }
    }

    var requests: [Request] { record.events.withLock { $0.requests } }
    var connections: Int { record.events.withLock { $0.connections } }

    /// Waits until so many connections have ended.
    func connectionsClosed(_ count: Int) async throws {
        try await eventually("\(count) connections closed") { record.events.withLock { $0.closed } >= count }
    }

    private init(port: Int, record: Record) {
        self.port = port
        self.record = record
    }

    /// A server for the time of `body`.
    static func with<Result: Sendable>(
        host: String = "127.0.0.1",
        tls: NIOSSLContext? = nil,
        script: @escaping Script = { _, channel in channel.answer("200 OK", body: "{}") },
        body: (LocalServer) async throws -> Result
    ) async throws -> Result {
        let record = Record()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = record.events.withLock { events in
                        events.connections += 1
                        return events.connections
                    }
                    channel.closeFuture.whenComplete { _ in record.closed() }
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try pipeline.addHandler(Handler(number: number, record: record, script: script))
                }
            }
            .bind(host: host, port: 0)
            .get()
        let server = LocalServer(port: listener.localAddress?.port ?? 0, record: record)
        do {
            let result = try await body(server)
            try await listener.close()
            return result
        } catch {
            try await listener.close()
            throw error
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart

        let number: Int
        let record: Record
        let script: Script
        private var request: Request?

        init(number: Int, record: Record, script: @escaping Script) {
            self.number = number
            self.record = record
            self.script = script
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): request = Request(connection: number, head: head)
            case .body(let buffer): request?.body += buffer.readableBytesView
            case .end:
                guard let request else { return }
                record.events.withLock { $0.requests.append(request) }
                script(request, context.channel)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}

extension Channel {
    /// Writes these bytes.
    func send(_ text: String) {
        writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    /// Writes a whole response that keeps the connection open.
    func answer(_ status: String, headers: [String] = [], body: String = "") {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
        send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }
}
