import NIOCore
import NIOHTTP1

/// Asks for the body of a request whose client waits to be asked (RFC 9110 section 10.1.1).
///
/// Providers that post logout tokens with `Expect: 100-continue` wait a second for it each time, and some for as long as
/// they are let. Whoever is refused by the head alone isn't asked: the final answer says it without the body.
final class InterimAnswer: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// No route takes more.
    static let maximumBytes = 1024 * 1024

    private var unanswered = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data) {
            // Behind requests that are being answered it would be taken for a part of their answers.
            if unanswered == 0, Self.isAwaited(by: head) {
                let interim = HTTPResponseHead(version: .http1_1, status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(interim)), promise: nil)
            }
            unanswered += 1
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { unanswered -= 1 }
        context.write(data, promise: promise)
    }

    static func isAwaited(by head: HTTPRequestHead) -> Bool {
        guard head.version == .http1_1, head.headers["Expect"].contains(where: isContinue) else { return false }
        guard let length = head.headers.first(name: "Content-Length") else {
            return head.headers.contains(name: "Transfer-Encoding")
        }
        return Int(length).map { 1...maximumBytes ~= $0 } ?? false
    }

    private static func isContinue(_ text: String) -> Bool {
        text.utf8.count == 12 && text.lowercased() == "100-continue"
    }
}
