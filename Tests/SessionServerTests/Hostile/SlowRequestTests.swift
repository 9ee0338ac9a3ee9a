import HummingbirdTesting
import SessionServer
import TestSupport
import Testing

@Suite("Slow requests")
struct SlowRequestTests {
    private static let head = "POST /logout HTTP/1.1\r\nHost: app.example\r\nContent-Length: "

    private func live(_ limit: Duration, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        var options = Site.Options()
        options.listener.idleTimeout = limit
        options.listener.bodyTimeout = limit
        let site = try Site(store: options.memory, options)
        try await site.application.application.test(.live) { try await body(try #require($0.port)) }
    }

    @Test(
        "RV-06 a head or a body that comes byte by byte, or never ends, is cut off",
        .timeLimit(.minutes(1)),
        arguments: [
            ("GET / HTTP/1.1\r\nX-Slow: ", "x", Duration.milliseconds(20)),
            (head + "1000\r\n\r\n", "x", .milliseconds(20)),
            (head + "100000000000\r\n\r\n", String(repeating: "x", count: 65_536), .milliseconds(1)),
        ]
    )
    func slow(start: String, piece: String, pause: Duration) async throws {
        try await live(.milliseconds(300)) { port in
            let sent = try await RawConnection.drip(port: port, start, then: piece, every: pause, atMost: 100_000)
            #expect(sent < 800)
        }
    }

    @Test("A request that is slow, and there in time, is answered")
    func patient() async throws {
        try await live(.seconds(30)) { port in
            let request = Self.head + "3\r\nConnection: close\r\n\r\na=b"
            let answer = try await RawConnection.exchange(port: port, Array(request.utf8))
            #expect(answer.hasPrefix("HTTP/1.1 403"))
        }
    }
}
