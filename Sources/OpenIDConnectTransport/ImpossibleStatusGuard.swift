import NIOCore
import NIOHTTP1

/// Breaks the connection of a server that answers with a status below 100, which no HTTP has (RFC 9110 section 15).
///
/// NIO's parser lets `000` to `099` pass. AsyncHTTPClient 1.37 takes them for informational responses, drops the head,
/// and ends the process at the body or the end that follows (`HTTPRequestStateMachine`, "How can we receive a response
/// end"). This goes when the client or the parser refuses them.
final class ImpossibleStatusGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart

    private var hasRefused = false

    /// Puts a guard between the parser and the client; call it on the channel's event loop.
    static func add(to channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        let parser = try pipeline.context(handlerType: ByteToMessageHandler<HTTPResponseDecoder>.self)
        try pipeline.addHandler(ImpossibleStatusGuard(), position: .after(parser.handler))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What the parser had already read comes after the refusal, and is as good as not there.
        guard !hasRefused else { return }
        if case .head(let head) = unwrapInboundIn(data), head.status.code < 100 {
            hasRefused = true
            context.fireErrorCaught(HTTPParserError.invalidStatus)
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
    }
}
