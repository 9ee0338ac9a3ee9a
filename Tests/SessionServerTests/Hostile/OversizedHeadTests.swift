import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import SessionServer

@Suite("Heads that are too large")
struct OversizedHeadTests {
    private static let cookies = "Cookie: " + String(repeating: "a=b; ", count: 13_000) + "\r\n"
    private static let probe = "GET /health/live HTTP/1.1\r\nHost: app.example\r\n"

    private static func head(_ fields: [(String, String)]) -> HTTPRequestHead {
        HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: HTTPHeaders(fields))
    }

    /// What a server sends back to all of these bytes.
    private func answer(to bytes: String) async throws -> String {
        let options = Site.Options()
        let site = try Site(store: options.memory, options)
        return try await site.application.application.test(.live) { client in
            try await RawConnection.exchange(port: try #require(client.port), Array(bytes.utf8))
        }
    }

    private static func statuses(_ answer: String) -> [String] {
        answer.matches(of: #/HTTP\/1\.1 (\d\d\d)/#).map { String($0.1) }
    }

    @Test("RV-05 the load of a head that is too large goes no further than the parser")
    func unloaded() throws {
        let channel = EmbeddedChannel(handler: RequestFraming())
        let large = String(repeating: "x", count: 33_000)
        try channel.writeInbound(
            HTTPServerRequestPart.head(
                Self.head([
                    ("Host", "app.example"), ("cookie", large), ("accept", "text/html"), ("X-Other", "1"),
                    ("Connection", "close"), ("Content-Length", "3"), ("X-Forwarded-Host", large),
                ])
            )
        )
        guard case .head(let head) = try channel.readInbound(as: HTTPServerRequestPart.self) else {
            Issue.record("no head")
            return
        }
        let left = head.headers.map { "\($0.name): \($0.value)" }
        #expect(
            left == [
                "\(OversizedHead.mark): ?1", "Host: app.example", "Accept: text/html", "Connection: close",
                "Content-Length: 3",
            ]
        )
        #expect(head.uri == "/" && head.method == .GET)
    }

    @Test("RV-05 of a field that a head too large has many times two are left, so that nobody takes it for one")
    func repeated() throws {
        let hosts = (0..<200).map { ("X-Forwarded-Host", "host-\($0).example") }
        let reduced = try #require(OversizedHead.reduced(Self.head([("Host", "app.example")] + hosts)))
        #expect(reduced.headers["X-Forwarded-Host"] == ["host-0.example", "host-1.example"])
    }

    @Test("RV-05 a head at the limit is left as it is, one beyond it isn't")
    func limits() {
        // Host with its separators has 19 bytes, the name and separators of the other field have 7.
        let host = ("Host", "app.example")
        let most = String(repeating: "x", count: 32 * 1024 - 19 - 7)
        #expect(OversizedHead.reduced(Self.head([host, ("X-A", most)])) == nil)
        #expect(OversizedHead.reduced(Self.head([host, ("X-A", most + "x")])) != nil)
        let fields = (0..<127).map { ("X-\($0)", "") }
        #expect(OversizedHead.reduced(Self.head([host] + fields)) == nil)
        #expect(OversizedHead.reduced(Self.head([host] + fields + [("X-Last", "")])) != nil)
    }

    @Test("CK-05 RV-05 it is answered with a page or JSON and a number that the log has, and the connection is kept")
    func answered() async throws {
        for (accept, text) in [("text/html", "<h1>That was too much"), ("*/*", #""requestId":"#)] {
            let answer = try await answer(
                to: "GET /session HTTP/1.1\r\nHost: app.example\r\nAccept: \(accept)\r\n" + Self.cookies + "\r\n"
                    + Self.probe + "Connection: close\r\n\r\n"
            )
            #expect(Self.statuses(answer) == ["431", "200"])
            #expect(answer.contains(text) && answer.contains("request_headers_too_large"))
            #expect(answer.lowercased().contains("x-request-id: "))
        }
    }

    @Test("RV-05 PD-03 among requests that follow each other it is answered in its turn, and its body is no request")
    func inTurn() async throws {
        let smuggled = Self.probe.replacing("live", with: "evil") + "\r\n"
        let body = "Content-Length: \(smuggled.utf8.count)\r\n\r\n" + smuggled
        let size = String(smuggled.utf8.count, radix: 16)
        let chunks = "Transfer-Encoding: chunked\r\n\r\n\(size)\r\n\(smuggled)\r\n0\r\n\r\n"
        for framing in ["\r\n", body, chunks] {
            let answer = try await answer(
                to: Self.probe + "\r\n" + "POST /session HTTP/1.1\r\nHost: app.example\r\n" + Self.cookies + framing
                    + Self.probe + "Connection: close\r\n\r\n"
            )
            #expect(Self.statuses(answer) == ["200", "431", "200"])
        }
    }

    @Test("Whoever sends the mark of such a head is refused himself")
    func mark() async throws {
        let answer = try await answer(to: Self.probe + "\(OversizedHead.mark): ?1\r\nConnection: close\r\n\r\n")
        #expect(Self.statuses(answer) == ["431"])
    }
}
