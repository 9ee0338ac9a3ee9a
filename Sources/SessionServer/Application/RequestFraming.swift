import NIOCore
import NIOHTTP1

/// Looks at heads as the parser left them, before Hummingbird has words of its own for them.
///
/// What others may read as another request is refused, which the parser doesn't: the answer is 400, the end of the
/// connection, and nothing of what came behind it is looked at. A host in the target is made one among the fields, see
/// ``TargetHost``, and what is too large is taken out: ``OversizedHead``.
final class RequestFraming: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// Puts one right behind the parser, ``InterimAnswer`` behind it, and the end of connections before both: what a server
    /// is configured with comes later.
    final class Installer: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = NIOAny

        private let end: LingeringClose

        init(end: LingeringClose) { self.end = end }

        func handlerAdded(context: ChannelHandlerContext) {
            let pipeline = context.pipeline.syncOperations
            do {
                let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                try pipeline.addHandler(InterimAnswer(), position: .after(parser))
                try pipeline.addHandler(RequestFraming(), position: .after(parser))
                try pipeline.addHandler(end, position: .first)
            } catch {
                // Nobody is served by a connection on which heads aren't looked at.
                context.close(promise: nil)
            }
        }
    }

    private var hasRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasRefused else { return }
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        if let problem = Self.problem(of: head) {
            hasRefused = true
            context.fireErrorCaught(problem)
        } else {
            head = OversizedHead.reduced(head) ?? head
            head = TargetHost.contradiction(in: head) ?? head
            // RFC 9112 section 9.3: a client of HTTP/1.0 that asks for nothing else reads to the end of the connection.
            if head.version == .http1_0, !head.isKeepAlive {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
            }
            context.fireChannelRead(wrapInboundOut(.head(head)))
        }
    }

    static func problem(of head: HTTPRequestHead) -> HTTPParserError? {
        let isOld = head.version.major < 1 || head.version == .http1_0
        let codings = head.headers["Transfer-Encoding"]
        if !codings.isEmpty {
            // RFC 9112 section 6.1: a server that knows only HTTP/1.0 ignores the field, and sees other requests.
            guard !isOld else { return .unknown }
            // Section 6.3: the two together are an error, which the parser overlooks when this field has no value.
            guard !head.headers.contains(name: "Content-Length") else { return .unexpectedContentLength }
            // No other coding is undone here, and who doesn't know one either may look for the end elsewhere.
            guard codings.count == 1, codings.allSatisfy(isChunked) else { return .unknown }
        }
        let hosts = head.headers["Host"]
        // Section 3.2; probes of HTTP/1.0 have none. Two of them are refused with a word: HeaderLimits.
        guard !hosts.isEmpty || isOld, hosts.allSatisfy(isHost) else { return .invalidHeaderToken }
        return nil
    }

    private static func isChunked(_ coding: String) -> Bool {
        coding.utf8.count == 7 && coding.lowercased() == "chunked"
    }

    /// Whether every byte may stand in a host and its port (RFC 3986 section 3.2.2); none at all may, too.
    private static func isHost(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._~%!$&'()*+,;=:[]".utf8.contains(byte)
            }
        }
    }
}
