import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Reduces the `Connection` field to the one word that Hummingbird looks for, and says it in the answer too.
///
/// Hummingbird compares the field with "close" as text, by canonical equivalence: 70 KB of combining marks cost
/// half a second of a thread. It misses `Close` and `keep-alive, close` too, which
/// mean the same (RFC 9110 sections 5.6.1 and 7.6.1). And it closes without a word, so that a proxy may send another
/// request meanwhile (RFC 9112 section 9.6).
final class ConnectionOptions: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Requests are read ahead of their answers, so both are counted.
    private var (requests, answers) = (0, 0)
    /// The number of the request after whose answer the connection ends.
    private var last: Int?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        requests += 1
        let isLast = Self.isLast(head)
        if isLast, last == nil { last = requests }
        head.headerFields[.connection] = isLast ? "close" : nil
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var data = data
        if case .head(var head) = unwrapOutboundIn(data), head.status.kind != .informational {
            answers += 1
            if answers == last {
                head.headerFields[.connection] = "close"
                data = wrapOutboundOut(.head(head))
            }
        }
        context.write(data, promise: promise)
    }

    /// Whether nothing behind this request can be answered.
    ///
    /// After a CONNECT, and after a request for another protocol, the parser stands still until somebody takes the
    /// connection over. Nobody does here, and who waited on it for an answer, as behind a proxy that gives it to
    /// somebody else, would wait for ever.
    ///
    /// Who expects a 100 and gets another answer may keep its body to itself (RFC 9110 section 10.1.1). Proxies in Go
    /// did, and gave the connection to somebody else, whose request was read as that body (CVE-2024-24791).
    static func isLast(_ head: HTTPRequest) -> Bool {
        head.method == .connect || head.headerFields.contains(.upgrade) || head.headerFields.contains(.expect)
            || head.headerFields[values: .connection].contains(where: hasClose)
    }

    /// Whether `close` is among the words of a list, in any case.
    static func hasClose(_ list: String) -> Bool {
        list.utf8.split(separator: UInt8(ascii: ",")).contains { option in
            let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
            let word = option.drop(while: isSpace)
            return word.prefix(5).elementsEqual("close".utf8) { $0 | 0x20 == $1 }
                && word.dropFirst(5).allSatisfy(isSpace)
        }
    }
}
