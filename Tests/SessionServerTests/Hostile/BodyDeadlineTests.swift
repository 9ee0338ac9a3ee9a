import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import SessionServer

/// By a clock that the test sets.
@Suite("The deadline of a request's body")
struct BodyDeadlineTests {
    private static let head = HTTPRequestPart.head(
        HTTPRequest(method: .post, scheme: "http", authority: "app.example", path: "/logout")
    )
    private static let byte = HTTPRequestPart.body(ByteBuffer(string: "x"))

    /// A connection, whose other side may be gone by now.
    private final class Connection {
        let channel = EmbeddedChannel()

        init() throws {
            try channel.pipeline.syncOperations.addHandler(BodyDeadline(.seconds(30), maximumUnwanted: 3))
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
        }

        func receive(_ part: HTTPRequestPart, after seconds: Int64 = 0) throws {
            channel.embeddedEventLoop.advanceTime(by: .seconds(seconds))
            try channel.writeInbound(part)
        }

        func answer() throws {
            try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .forbidden)))
            try channel.writeOutbound(HTTPResponsePart.end(nil))
        }

        func isOpen(after seconds: Int64) -> Bool {
            channel.embeddedEventLoop.advanceTime(by: .seconds(seconds))
            return channel.isActive
        }
    }

    @Test("RV-06 a body that isn't all there at the deadline ends the connection, however it trickles")
    func slow() throws {
        let connection = try Connection()
        try connection.receive(Self.head)
        for _ in 0..<5 { try connection.receive(Self.byte, after: 5) }
        #expect(connection.isOpen(after: 4))
        #expect(!connection.isOpen(after: 1))
    }

    @Test("RV-05 RV-06 what comes of a body after the answer is read past so far and no further")
    func unwanted() throws {
        let connection = try Connection()
        try connection.receive(Self.head)
        for _ in 0..<5 { try connection.receive(Self.byte) }
        try connection.answer()
        for _ in 0..<3 { try connection.receive(Self.byte) }
        #expect(connection.isOpen(after: 0))
        try connection.receive(Self.byte)
        #expect(!connection.isOpen(after: 0))
    }

    @Test("RV-05 what came of a body after its answer isn't held against the next request of the connection")
    func unwantedOfSeveral() throws {
        let connection = try Connection()
        for _ in 0..<3 {
            try connection.receive(Self.head)
            try connection.answer()
            for _ in 0..<3 { try connection.receive(Self.byte) }
            try connection.receive(.end(nil))
            #expect(connection.isOpen(after: 0))
        }
    }

    @Test("The body of a request whose turn is yet to come is none that came after its answer")
    func pipelined() throws {
        let connection = try Connection()
        try connection.receive(Self.head)
        try connection.receive(.end(nil))
        try connection.receive(Self.head)
        try connection.answer()
        for _ in 0..<5 { try connection.receive(Self.byte) }
        #expect(connection.isOpen(after: 0))
    }

    @Test("A connection whose request is all there stays open, and its next request has the whole time again")
    func kept() throws {
        let connection = try Connection()
        try connection.receive(Self.head)
        try connection.receive(.end(nil), after: 29)
        #expect(connection.isOpen(after: 3600))
        try connection.receive(Self.head)
        #expect(connection.isOpen(after: 29))
        #expect(!connection.isOpen(after: 1))
    }
}
