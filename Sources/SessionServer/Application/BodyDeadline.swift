import NIOCore
import NIOHTTPTypes

/// Closes a connection whose request isn't all there some time after its head, or goes on long after its answer.
///
/// Hummingbird closes what is idle, and a head that takes long; each byte of a body keeps a connection open, also when
/// the request has been answered and the rest is only thrown away. A few thousand clients that send a byte a minute
/// would take all connections that there are. One that sends as fast as it can takes a core instead, to throw away what
/// it sends: enough is read for its client to see the answer.
final class BodyDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    private let maximumUnwanted: Int
    private var closing: Scheduled<Void>?
    private var unanswered = 0
    private var unwanted = 0

    /// - Parameter maximumUnwanted: How many bytes of a body are read past after the request's answer.
    init(_ limit: Duration, maximumUnwanted: Int) {
        self.limit = TimeAmount(limit)
        self.maximumUnwanted = maximumUnwanted
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            let channel = context.channel
            closing?.cancel()
            closing = context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
            unanswered += 1
            unwanted = 0
        case .body(let bytes):
            guard unanswered == 0 else { break }
            unwanted += bytes.readableBytes
            if unwanted > maximumUnwanted { context.close(promise: nil) }
        case .end: disarm()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { unanswered -= 1 }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        disarm()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        disarm()
    }

    private func disarm() {
        closing?.cancel()
        closing = nil
    }
}
