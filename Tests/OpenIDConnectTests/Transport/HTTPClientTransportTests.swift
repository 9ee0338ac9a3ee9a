import Foundation
import NIOCore
import NIOHTTP1
import OpenIDConnect
import OpenIDConnectTransport
import Patience
import ServiceLifecycle
import Testing

@Suite("Transport")
struct HTTPClientTransportTests {
    /// The code of the error with which a request to this server must end.
    private func error(
        from script: @escaping LocalServer.Script,
        timeout: Duration = .seconds(20),
        maximumBytes: Int = 1000,
        after: @Sendable (LocalServer) async throws -> Void = { _ in }
    ) async throws -> HTTPTransportError.Code? {
        try await LocalServer.with(script: script) { server in
            try await HTTPClientTransport.withTransport { transport in
                let error = await #expect(throws: HTTPTransportError.self) {
                    try await transport.send(
                        HTTPTransportRequest(
                            method: .post,
                            url: "http://127.0.0.1:\(server.port)/token",
                            body: Array("code=secret".utf8),
                            timeout: timeout,
                            maximumResponseBytes: maximumBytes
                        )
                    )
                }
                try await after(server)
                #expect(server.requests.count == 1)
                for text in ["\(String(describing: error))", String(reflecting: error)] {
                    #expect(!text.contains("code=secret"))
                }
                return error?.code
            }
        }
    }

    @Test("A request arrives as it was made, and the answer as it was given")
    func exchange() async throws {
        try await LocalServer.with { _, channel in
            channel.answer("201 Created", headers: ["X-A: 1", "x-a: 2"], body: "{\"é\":1}")
        } body: { server in
            try await HTTPClientTransport.withTransport { transport in
                let response = try await transport.send(
                    HTTPTransportRequest(
                        method: .post,
                        url: "http://127.0.0.1:\(server.port)/a/b?c=d%20e&f",
                        headers: [("Authorization", "Basic eA=="), ("Content-Type", "text/x")],
                        body: Array("grant=1".utf8)
                    )
                )
                #expect(response.status == 201)
                #expect(response.header("X-A") == "1")
                #expect(response.headers.filter { $0.name.lowercased() == "x-a" }.map(\.value) == ["1", "2"])
                #expect(response.body == Array("{\"é\":1}".utf8))
                let request = try #require(server.requests.first)
                #expect(request.head.method == .POST)
                #expect(request.head.uri == "/a/b?c=d%20e&f")
                #expect(request.head.headers["Authorization"] == ["Basic eA=="])
                #expect(request.head.headers["User-Agent"] == ["oidc-sessions"])
                #expect(request.head.headers["Host"] == ["127.0.0.1:\(server.port)"])
                #expect(request.body == Array("grant=1".utf8))
            }
        }
    }

    @Test("ID-23 DJ-03 a redirect comes back as it is", arguments: ["301 Moved", "302 Found", "307 T", "308 P"])
    func redirect(_ status: String) async throws {
        try await LocalServer.with { _, channel in
            channel.answer(status, headers: ["Location: /elsewhere"])
        } body: { server in
            try await HTTPClientTransport.withTransport { transport in
                let request = HTTPTransportRequest(method: .get, url: "http://127.0.0.1:\(server.port)/")
                let response = try await transport.send(request)
                #expect(response.status == Int(status.prefix(3)))
                #expect(server.requests.map(\.head.uri) == ["/"])
            }
        }
    }

    @Test(
        "DJ-03 a status that no HTTP knows breaks the connection, not the process",
        arguments: ["000 X", "001 X", "099 X"],
        [
            "Content-Length: 2\r\n\r\n{}", "Content-Length: 0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        ]
    )
    func impossibleStatus(_ status: String, _ rest: String) async throws {
        let code = try await error { _, channel in channel.send("HTTP/1.1 \(status)\r\n" + rest) }
        #expect(code == .connectionLost)
    }

    @Test("RO-12 DJ-03 an answer beyond the bound is given up, however it comes")
    func tooLarge() async throws {
        let body = String(repeating: "x", count: 1001)
        #expect(try await error { _, channel in channel.answer("200 OK", body: body) } == .responseTooLarge)
        let chunked = try await error { _, channel in
            channel.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<1001 { channel.send("1\r\nx\r\n") }
        }
        #expect(chunked == .responseTooLarge)
        let untilClose = try await error { _, channel in
            channel.send("HTTP/1.1 200 OK\r\n\r\n" + body)
            channel.close(promise: nil)
        }
        #expect(untilClose == .responseTooLarge)
    }

    @Test("RO-12 an answer of just the bound is read")
    func justFits() async throws {
        try await LocalServer.with { _, channel in
            channel.answer("200 OK", body: String(repeating: "x", count: 1000))
        } body: { server in
            try await HTTPClientTransport.withTransport { transport in
                let url = "http://127.0.0.1:\(server.port)/"
                let request = HTTPTransportRequest(method: .get, url: url, maximumResponseBytes: 1000)
                let response = try await transport.send(request)
                #expect(response.body.count == 1000)
            }
        }
    }

    @Test("RO-12 PD-07 nothing is decompressed, and nothing compressed is asked for")
    func compression() async throws {
        try await LocalServer.with { _, channel in
            channel.answer("200 OK", headers: ["Content-Encoding: gzip"], body: "\u{1F}not really")
        } body: { server in
            try await HTTPClientTransport.withTransport { transport in
                let request = HTTPTransportRequest(method: .get, url: "http://127.0.0.1:\(server.port)/")
                let response = try await transport.send(request)
                #expect(response.body == Array("\u{1F}not really".utf8))
                #expect(server.requests.first?.head.headers.contains(name: "Accept-Encoding") == false)
            }
        }
    }

    @Test(
        "RO-01 a server that is silent, stops in the middle or drips is left at the deadline",
        arguments: Slowness.allCases
    )
    func deadline(_ slowness: Slowness) async throws {
        let code = try await error(from: slowness.script, timeout: .milliseconds(200)) { server in
            // The connection is closed as well, not left to the pool.
            try await server.connectionsClosed(1)
        }
        #expect(code == .timedOut)
    }

    enum Slowness: CaseIterable {
        case silent
        case halfHead
        case halfBody
        case drips

        var script: LocalServer.Script {
            switch self {
            case .silent: { _, _ in }
            case .halfHead: { _, channel in channel.send("HTTP/1.1 200 OK\r\nContent-") }
            case .halfBody: { _, channel in channel.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{") }
            case .drips:
                { _, channel in
                    channel.send("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
                    channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(5)) { task in
                        guard channel.isActive else { return task.cancel() }
                        channel.send("x")
                    }
                }
            }
        }
    }

    @Test("RO-04 a connection that breaks after the request is an error, and nothing is sent again")
    func connectionLost() async throws {
        #expect(try await error { _, channel in channel.close(promise: nil) } == .connectionLost)
        let inBody = try await error { _, channel in
            channel.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{")
            channel.close(promise: nil)
        }
        #expect(inBody == .connectionLost)
        let reset = try await error { _, channel in
            // With this option a close is a reset.
            _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            channel.close(promise: nil)
        }
        #expect(reset == .connectionLost)
        #expect(try await error { _, channel in channel.send("SSH-2.0-x\r\n\r\n") } == .connectionLost)
    }

    @Test("Requests in a row share a connection")
    func reuse() async throws {
        try await LocalServer.with { server in
            try await HTTPClientTransport.withTransport { transport in
                for _ in 0..<5 {
                    _ = try await transport.send(.init(method: .get, url: "http://127.0.0.1:\(server.port)/"))
                }
                #expect(server.connections == 1)
            }
        }
    }

    @Test("RO-10 a connection that the provider says it closes is not used again")
    func closedByProvider() async throws {
        try await LocalServer.with { _, channel in
            channel.answer("200 OK", headers: ["Connection: close"])
            channel.close(promise: nil)
        } body: { server in
            try await HTTPClientTransport.withTransport { transport in
                for _ in 0..<3 {
                    _ = try await transport.send(.init(method: .post, url: "http://127.0.0.1:\(server.port)/"))
                }
                #expect(server.requests.map(\.connection) == [1, 2, 3])
            }
        }
    }

    @Test("RO-05 a port that nobody listens on, or a name that nobody has, is told at once")
    func notConnected() async throws {
        let port = try await LocalServer.with { $0.port }
        // Long enough for a client that tries again and again to be found out.
        var configuration = HTTPClientTransport.Configuration()
        configuration.connectTimeout = .seconds(300)
        try await HTTPClientTransport.withTransport(configuration: configuration) { transport in
            for url in ["http://127.0.0.1:\(port)/", "https://127.0.0.1:\(port)/", "https://no-such-host.invalid/"] {
                let clock = ContinuousClock()
                let start = clock.now
                let error = await #expect(throws: HTTPTransportError.self) {
                    try await transport.send(HTTPTransportRequest(method: .get, url: url, timeout: .seconds(300)))
                }
                #expect(error?.code == .notConnected, "\(url): \(String(reflecting: error))")
                #expect(clock.now - start < .seconds(150))
            }
        }
    }

    @Test("IPv6 addresses are reached")
    func ipv6() async throws {
        try await LocalServer.with(host: "::1") { server in
            try await HTTPClientTransport.withTransport { transport in
                let request = HTTPTransportRequest(method: .get, url: "http://[::1]:\(server.port)/x")
                let response = try await transport.send(request)
                #expect(response.status == 200)
                #expect(server.requests.first?.head.headers["Host"] == ["[::1]:\(server.port)"])
            }
        }
    }

    @Test(
        "Plain http leaves this machine under no circumstances",
        arguments: [
            "http://192.0.2.1/", "http://op.example/", "ftp://127.0.0.1/", "http://127.0.0.1.nip.io/", "/token", "",
        ]
    )
    func insecure(_ url: String) async throws {
        try await HTTPClientTransport.withTransport { transport in
            let error = await #expect(throws: HTTPTransportError.self) {
                try await transport.send(HTTPTransportRequest(method: .get, url: url))
            }
            #expect(error?.code == .notConnected)
        }
    }

    @Test("A cancelled request ends as cancelled, and its connection is closed")
    func cancelled() async throws {
        try await LocalServer.with { _, channel in
            channel.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
        } body: { server in
            try await HTTPClientTransport.withTransport { transport in
                let url = "http://127.0.0.1:\(server.port)/"
                let task = Task { try await transport.send(HTTPTransportRequest(method: .get, url: url)) }
                try await eventually("a request") { !server.requests.isEmpty }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                try await server.connectionsClosed(1)
            }
        }
    }

    @Test("One that was never used needs no shutdown: whoever doesn't start for a wrong setting says that, and no more")
    func unused() throws {
        _ = try HTTPClientTransport()
    }

    @Test("As a service it ends when told, and afterwards refuses requests")
    func service() async throws {
        let transport = try HTTPClientTransport()
        let group = ServiceGroup(services: [transport], logger: .silent)
        async let run: Void = group.run()
        await group.triggerGracefulShutdown()
        try await run
        let error = await #expect(throws: HTTPTransportError.self) {
            try await transport.send(HTTPTransportRequest(method: .get, url: "https://127.0.0.1/"))
        }
        #expect(error?.code == .closed)
        try await transport.shutdown()
    }
}
