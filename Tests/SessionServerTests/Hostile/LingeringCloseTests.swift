import Glibc
import HummingbirdTesting
import NIOCore
import NIOEmbedded
import OpenIDConnect
import TestSupport
import Testing

@testable import SessionServer

@Suite("The end of a connection whose client is still sending")
struct LingeringCloseTests {
    private static let form = "Content-Type: application/x-www-form-urlencoded\r\n"
    private static let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 65_536)

    private func live(
        _ configure: (inout ListenerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        var options = Site.Options()
        options.configure = { $0.responseMode = .formPost }
        configure(&options.listener)
        let site = try Site(store: options.memory, options)
        try await site.application.application.test(.live) { try await body(try #require($0.port)) }
    }

    @Test(
        "RV-05 CB-20 whoever sends ten megabytes before he reads can send them, and reads why they aren't taken",
        .timeLimit(.minutes(2)),
        arguments: [
            ("POST /callback HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(form)Content-Length: 10485760\r\n\r\n", 413),
            ("POST /callback HTTP/1.1\r\nHost: a\r\n\(form)Content-Length: 10485760\r\n\r\n", 413),
            ("POST /callback HTTP/1.1\r\nHost: a\r\n\(form)Transfer-Encoding: chunked\r\n\r\nA00000\r\n", 413),
            ("POST /callback HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: ", 400),
            ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
            ("POST /callback HTTP/1.1\r\nHost: a\r\n\(form)Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        ]
    )
    func answered(start: String, status: Int) async throws {
        try await live {
            // What is slow here is the machine.
            $0.lingering.duration = .seconds(300)
            $0.bodyTimeout = .seconds(300)
        } _: { port in
            let outcome = try await BlockingClient.exchange(port: port, start, then: Self.piece, times: 160)
            #expect(outcome.error == nil)
            #expect(outcome.answer.hasPrefix("HTTP/1.1 \(status) "), "\(outcome.answer.prefix(200))")
        }
    }

    @Test(
        "RV-05 RV-06 whoever never stops sending is cut off when he has sent enough",
        .timeLimit(.minutes(2)),
        arguments: ["Connection: close\r\n", ""]
    )
    func endless(field: String) async throws {
        try await live {
            $0.lingering.bytes = 1 << 20
            $0.lingering.duration = .seconds(3600)
            $0.bodyTimeout = .seconds(3600)
        } _: { port in
            let start = "POST /callback HTTP/1.1\r\nHost: a\r\n\(field)\(Self.form)Content-Length: 100000000000\r\n\r\n"
            let outcome = try await BlockingClient.exchange(port: port, start, then: Self.piece, times: 10_000)
            #expect(outcome.error == EPIPE || outcome.error == ECONNRESET)
            // What the two sockets hold comes on top.
            #expect(outcome.sent < 64 << 20)
        }
    }

    /// A channel that can be closed by halves, as sockets are and the embedded one isn't.
    private final class Connection {
        final class Halves: ChannelOutboundHandler {
            typealias OutboundIn = Any
            typealias OutboundOut = Any
            var isHalfClosed = false
            var isSlow = false
            var half: EventLoopPromise<Void>?
            var reads = 0

            func read(context: ChannelHandlerContext) { reads += 1 }

            func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
                guard mode == .output else { return context.close(mode: .all, promise: promise) }
                isHalfClosed = true
                if isSlow { half = promise } else { promise?.succeed() }
            }
        }

        let channel = EmbeddedChannel()
        let halves = Halves()

        init(places: LingeringPlaces = LingeringPlaces(1)) throws {
            var bounds = LingeringBounds()
            bounds.duration = .seconds(5)
            bounds.bytes = 10
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers([halves, LingeringClose(bounds, places: places)])
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
        }

        func receive(_ count: Int) throws {
            try channel.writeInbound(ByteBuffer(repeating: 0x78, count: count))
        }

        func isOpen(after seconds: Int64) -> Bool {
            channel.embeddedEventLoop.advanceTime(by: .seconds(seconds))
            return channel.isActive
        }
    }

    @Test("RV-06 what comes after the last answer is read on without being asked for, reaches nobody, and ends in time")
    func time() throws {
        let connection = try Connection()
        try connection.receive(1)
        #expect(try connection.channel.readInbound(as: ByteBuffer.self) != nil)
        connection.channel.close(mode: .output, promise: nil)
        #expect(connection.halves.isHalfClosed)
        let reads = connection.halves.reads
        for _ in 0..<4 {
            #expect(connection.isOpen(after: 1))
            try connection.receive(2)
        }
        #expect(connection.halves.reads >= reads + 4)
        #expect(try connection.channel.readInbound(as: ByteBuffer.self) == nil)
        #expect(connection.isOpen(after: 0))
        #expect(!connection.isOpen(after: 1))
    }

    @Test("An answer that is handed over slowly is handed over whole before the time begins, unless somebody ends it")
    func slowReader() throws {
        for isEnded in [false, true] {
            let connection = try Connection()
            connection.halves.isSlow = true
            connection.channel.close(mode: .output, promise: nil)
            #expect(connection.isOpen(after: 60))
            if isEnded {
                connection.channel.close(promise: nil)
                #expect(!connection.isOpen(after: 0))
            }
            try #require(connection.halves.half).succeed()
            if !isEnded {
                #expect(connection.isOpen(after: 4))
                #expect(!connection.isOpen(after: 1))
            }
        }
    }

    @Test("RV-05 it ends with the bytes, or as soon as the client closes")
    func bytesAndEnd() throws {
        let places = LingeringPlaces(1)
        let loud = try Connection(places: places)
        loud.channel.close(mode: .output, promise: nil)
        try loud.receive(10)
        #expect(loud.isOpen(after: 0))
        try loud.receive(1)
        #expect(!loud.isOpen(after: 0))
        // The place is free again.
        let polite = try Connection(places: places)
        polite.channel.close(mode: .output, promise: nil)
        #expect(polite.isOpen(after: 1))
        polite.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!polite.isOpen(after: 0))
    }

    @Test("RV-06 no more connections than so many linger, the others are closed when their answer is handed over")
    func flood() throws {
        let places = LingeringPlaces(1)
        let first = try Connection(places: places)
        first.channel.close(mode: .output, promise: nil)
        let second = try Connection(places: places)
        second.channel.close(mode: .output, promise: nil)
        #expect(first.isOpen(after: 0) && !second.isOpen(after: 0))
        #expect(second.halves.isHalfClosed)
        // Its end gave nothing back that it hadn't taken.
        let third = try Connection(places: places)
        third.channel.close(mode: .output, promise: nil)
        #expect(!third.isOpen(after: 0))
        // And those that found none hold none.
        #expect(!first.isOpen(after: 5))
        let fourth = try Connection(places: places)
        fourth.channel.close(mode: .output, promise: nil)
        #expect(fourth.isOpen(after: 0))
    }

    @Test("RC-11 a shutdown waits no longer than that, and a connection that nobody ends that way closes at once")
    func shutdown() throws {
        let connection = try Connection()
        connection.channel.close(mode: .output, promise: nil)
        #expect(connection.isOpen(after: 2))
        let closed = connection.channel.close()
        #expect(connection.isOpen(after: 2))
        #expect(!connection.isOpen(after: 1))
        try closed.wait()
        let other = try Connection()
        other.channel.close(promise: nil)
        #expect(!other.isOpen(after: 0))
    }
}
