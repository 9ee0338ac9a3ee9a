import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import ServiceLifecycle
import TestSupport
import Testing

@testable import SessionServer

/// What a head costs before any handler sees it: over a real connection, because the router's tests skip that part.
@Suite("Heads on the wire")
struct HeadTests {
    private func live(_ body: @escaping @Sendable (TestClient) async throws -> Void) async throws {
        let options = Site.Options()
        let site = try Site(store: options.memory, options)
        try await site.application.application.test(.live) { client in
            let port = try #require(client.port)
            try await TestClient.withClient(host: "127.0.0.1", port: port) { try await body($0) }
        }
    }

    private static func duration(_ client: TestClient, _ headers: HTTPFields) async throws -> Duration {
        try await ContinuousClock().measure {
            for _ in 0..<20 {
                let request = TestClient.request("/health/live", headers: headers)
                _ = try await client.execute(request)
            }
        }
    }

    @Test(
        "PD-02 a head of combining marks costs no more than any other",
        arguments: ["Connection", "X-Anything", "Accept"]
    )
    func combiningMarks(name: String) async throws {
        let half = 18_000
        let marks = String(repeating: "\u{301}", count: half) + String(repeating: "\u{323}", count: half)
        try await live { client in
            let field = HTTPField.Name.known(name)
            let plain = try await Self.duration(client, [field: String(repeating: "a", count: marks.utf8.count)])
            let marked = try await Self.duration(client, [field: "a" + marks])
            // Seconds where Hummingbird compares them as text.
            #expect(marked < plain * 8 + .milliseconds(500))
        }
    }

    @Test(
        "A connection is closed for whoever says so, in any case and among other words, and kept for everybody else",
        arguments: [
            ("close", true), ("Close", true), ("keep-alive, CLOSE", true), ("close , x", true), ("keep-alive", false),
            ("closer", false), ("x-close", false), ("", false), ("c\u{301}lose", false),
        ]
    )
    func closing(value: String, isClosing: Bool) {
        #expect(ConnectionOptions.hasClose(value) == isClosing)
    }

    @Test("A connection is really closed for whoever asks for it in other words than Hummingbird knows")
    func closed() async throws {
        try await live { client in
            for value in ["keep-alive", "x-closed"] {
                let kept = try await client.visit("/health/live", headers: [.connection: value])
                #expect(kept.status == .ok)
            }
            let last = try await client.visit("/health/live", headers: [.connection: "keep-alive, Close"])
            #expect(last.status == .ok)
            await #expect(throws: (any Error).self) { try await client.visit("/health/live") }
        }
    }

    @Test("PD-16 of several requests that ask for the end the first one's answer says it")
    func firstOfSeveral() throws {
        let channel = EmbeddedChannel(handler: ConnectionOptions())
        let head = HTTPRequest(
            method: .get,
            scheme: "http",
            authority: "app.example",
            path: "/",
            headerFields: [.connection: "close"]
        )
        for _ in 0..<2 { try channel.writeInbound(HTTPRequestPart.head(head)) }
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
        guard case .head(let answer) = try channel.readOutbound(as: HTTPResponsePart.self) else {
            Issue.record("no answer")
            return
        }
        #expect(answer.headerFields[.connection] == "close")
    }

    private static let lastRequests: [(HTTPRequest.Method, HTTPFields)] = [
        (.get, [.connection: "Upgrade", .upgrade: "websocket"]),
        (.get, [.connection: "Upgrade, HTTP2-Settings", .upgrade: "h2c"]),
        (.connect, [:]), (.get, [.expect: "100-continue"]),
    ]

    @Test(
        "PD-16 after a request behind which no other can be told for sure, the connection is closed, and the answer says so",
        arguments: lastRequests
    )
    func lastRequest(method: HTTPRequest.Method, headers: HTTPFields) async throws {
        try await live { client in
            let kept = try await client.visit("/health/live")
            #expect(kept.headers[.connection] == nil)
            let request = TestClient.request("/health/live", method: method, headers: headers)
            let last = try await client.execute(request)
            #expect(last.headers[.connection] == "close")
            await #expect(throws: (any Error).self) { try await client.visit("/health/live") }
        }
    }

    @Test("A head that is too large is answered up to a limit, and cut off beyond")
    func tooLarge() async throws {
        for (bytes, status) in [(70_000, HTTPResponse.Status.requestHeaderFieldsTooLarge), (120_000, .badRequest)] {
            try await live { client in
                let headers: HTTPFields = [.known("X-Large"): String(repeating: "x", count: bytes)]
                let response = try await client.visit("/", headers: headers)
                #expect(response.status == status)
            }
        }
    }
}
