import NIOCore
import NIOHTTP1

/// Makes the host in the target of a request, `GET http://host/path`, one more `Host` unless it is the same.
///
/// What turns the parser's words into Hummingbird's drops it without a look. RFC 9112 section 3.2.2 has clients send the
/// same twice, and servers go by the target. Whatever stands before this server, or writes its logs, may go by either, so
/// whoever says two things is refused like one with two `Host` fields.
final class TargetHost: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// Puts one right behind the parser, where the target is still whole, and a ``RequestFraming`` before it: what a server
    /// is configured with comes later.
    final class Installer: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = NIOAny

        func handlerAdded(context: ChannelHandlerContext) {
            let pipeline = context.pipeline.syncOperations
            do {
                let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                let framing = RequestFraming()
                try pipeline.addHandler(framing, position: .after(parser))
                try pipeline.addHandler(TargetHost(), position: .after(framing))
            } catch {
                // Nobody is served by a connection on which a host isn't seen.
                context.close(promise: nil)
            }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data), let authority = Self.authority(ofTarget: head.uri),
            Self.differs(authority, from: head.headers["Host"])
        else { return context.fireChannelRead(data) }
        head.headers.add(name: "Host", value: String(authority))
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    /// Host and port in a target that is a whole URL; nil for every other form of a target.
    static func authority(ofTarget target: String) -> Substring? {
        guard !target.utf8.starts(with: "/".utf8) else { return nil }
        for scheme in ["http://", "https://"] {
            let beginning = String(decoding: target.utf8.prefix(scheme.utf8.count), as: UTF8.self)
            guard beginning.lowercased() == scheme else { continue }
            let rest = target.utf8.dropFirst(scheme.utf8.count)
            return Substring(rest.prefix { !"/?#".utf8.contains($0) })
        }
        return nil
    }

    /// Whether a host is another one than that which the fields name; without a field nobody is named at all.
    static func differs(_ authority: Substring, from hosts: [String]) -> Bool {
        guard let host = hosts.first else { return false }
        return host.utf8.count != authority.utf8.count
            || !zip(host.utf8, authority.utf8).allSatisfy { lowercased($0) == lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
