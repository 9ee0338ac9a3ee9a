import HummingbirdTesting
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import SessionServer

@Suite("A client that waits to be asked for the body")
struct InterimAnswerTests {
    private static let start = """
        POST /logout HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\nExpect: 100-Continue\r\n\
        Content-Type: application/x-www-form-urlencoded\r\n
        """

    @Test(
        "PD-09 is asked before it has sent any of it, and answered when it has",
        .timeLimit(.minutes(1)),
        arguments: [("Content-Length: 3\r\n", "a=b"), ("Transfer-Encoding: chunked\r\n", "3\r\na=b\r\n0\r\n\r\n")]
    )
    func asked(framing: String, body: String) async throws {
        let options = Site.Options()
        let site = try Site(store: options.memory, options)
        try await site.application.application.test(.live) { client in
            let port = try #require(client.port)
            let answer = try await RawConnection.exchange(
                port: port,
                head: Self.start + framing + "\r\n",
                body: body
            )
            #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 "), "\(answer.prefix(200))")
            #expect(answer.matches(of: #/HTTP\/1\.1 [2-5]/#).count == 1)
        }
    }

    struct Head: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var version = HTTPVersion.http1_1
        let fields: [(String, String)]
    }

    @Test(
        "Isn't asked when there is nothing to ask for, or nobody who would understand it",
        arguments: [
            Head(testDescription: "no body", fields: [("Expect", "100-continue")]),
            Head(testDescription: "an empty body", fields: [("Expect", "100-continue"), ("Content-Length", "0")]),
            Head(testDescription: "nobody waits", fields: [("Content-Length", "3")]),
            Head(testDescription: "another word", fields: [("Expect", "tea"), ("Content-Length", "3")]),
            Head(testDescription: "too much", fields: [("Expect", "100-continue"), ("Content-Length", "1048577")]),
            Head(testDescription: "no number", fields: [("Expect", "100-continue"), ("Content-Length", "x")]),
            Head(
                testDescription: "HTTP/1.0",
                version: .http1_0,
                fields: [("Expect", "100-continue"), ("Content-Length", "3")]
            ),
        ]
    )
    func unasked(_ head: Head) throws {
        let channel = EmbeddedChannel(handler: InterimAnswer())
        let head = HTTPRequestHead(
            version: head.version,
            method: .POST,
            uri: "/logout",
            headers: HTTPHeaders(head.fields)
        )
        try channel.writeInbound(HTTPServerRequestPart.head(head))
        #expect(try channel.readOutbound(as: HTTPServerResponsePart.self) == nil)
    }

    @Test("PD-09 Isn't asked in the middle of the answer to an earlier request")
    func inTurn() throws {
        let channel = EmbeddedChannel(handler: InterimAnswer())
        let fields = HTTPHeaders([("Expect", "100-continue"), ("Content-Length", "3")])
        let waiting = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/logout", headers: fields)
        let first = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/session")
        try channel.writeInbound(HTTPServerRequestPart.head(first))
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        try channel.writeInbound(HTTPServerRequestPart.head(waiting))
        #expect(try channel.readOutbound(as: HTTPServerResponsePart.self) == nil)
        for _ in 0..<2 { try channel.writeOutbound(HTTPServerResponsePart.end(nil)) }
        _ = try channel.readOutbound(as: HTTPServerResponsePart.self)
        _ = try channel.readOutbound(as: HTTPServerResponsePart.self)
        try channel.writeInbound(HTTPServerRequestPart.head(waiting))
        let interim = HTTPResponseHead(version: .http1_1, status: .continue)
        #expect(try channel.readOutbound(as: HTTPServerResponsePart.self) == .head(interim))
    }
}
