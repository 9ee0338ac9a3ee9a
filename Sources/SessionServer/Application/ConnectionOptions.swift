import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Reduces the `Connection` field to the one word that Hummingbird looks for.
///
/// Hummingbird compares the field with "close" as text, by canonical equivalence: 70 KB of combining marks cost
/// half a second of a thread. It misses `Close` and `keep-alive, close` too, which
/// mean the same (RFC 9110 sections 5.6.1 and 7.6.1).
final class ConnectionOptions: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data), head.headerFields.contains(.connection) else {
            return context.fireChannelRead(data)
        }
        let isClosing = head.headerFields[values: .connection].contains(where: Self.hasClose)
        head.headerFields[.connection] = isClosing ? "close" : nil
        context.fireChannelRead(wrapInboundOut(.head(head)))
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
