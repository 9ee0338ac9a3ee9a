import HummingbirdTesting
import NIOHTTP1
import OpenIDConnect
import ScriptedProvider
import Testing

@testable import SessionServer

/// Bytes on a connection that are no HTTP, or two kinds of it at once.
@Suite("Malformed HTTP")
struct MalformedHTTPTests {
    struct Bytes: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        /// Whether a 2xx or 3xx would be wrong.
        var isRefused = true

        init(_ name: String, _ text: String, refused: Bool = true) {
            testDescription = name
            self.text = text
            isRefused = refused
        }
    }

    private static func probe(_ target: String, _ fields: String = "Host: app.example\r\n") -> String {
        "GET \(target) HTTP/1.1\r\n\(fields)Connection: close\r\n\r\n"
    }

    private static func get(_ fields: String) -> String { "GET / HTTP/1.1\r\nHost: app.example\r\n\(fields)\r\n\r\n" }

    private static func post(_ fields: String, _ body: String = "") -> String {
        let type = "Content-Type: application/x-www-form-urlencoded"
        return "POST /callback HTTP/1.1\r\nHost: app.example\r\n\(type)\r\n\(fields)\r\n\r\n\(body)"
    }

    static let corpus: [Bytes] = [
        Bytes("PD-09 nothing", ""),
        Bytes("PD-09 a TLS hello", "\u{16}\u{3}\u{1}\0\u{5}\u{1}\0\0\u{1}\u{3}\u{3}"),
        Bytes("PD-09 the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Bytes("PD-09 no version", "GET /\r\n\r\n"),
        Bytes("PD-09 an unknown version", "GET / HTTP/9.9\r\nHost: app.example\r\n\r\n"),
        Bytes("PD-09 an unknown method", "BR\u{e9}W / HTTP/1.1\r\nHost: app.example\r\n\r\n"),
        Bytes("PD-09 a space in the target", "GET /a b HTTP/1.1\r\nHost: app.example\r\n\r\n"),
        Bytes("PD-09 a control in the target", "GET /a\u{1}b HTTP/1.1\r\nHost: app.example\r\n\r\n"),
        Bytes("PD-09 a field without a colon", get("Nonsense")),
        Bytes("PD-09 a space before the colon", get("Cookie : a=b")),
        Bytes("PD-09 NUL in a field", get("X-A: a\0b")),
        Bytes("PD-09 a lone CR in a field", get("X-A: a\rb")),
        Bytes("PD-09 a folded field", get("X-A: a\r\n b"), refused: false),
        Bytes(
            "PD-09 an address in place of a path",
            "GET http://evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n"
        ),
        Bytes(
            "PD-09 the same address in place of a path",
            "GET HTTP://A/ HTTP/1.1\r\nHost: a\r\n\r\n",
            refused: false
        ),
        Bytes("PD-09 half a head", "GET / HTTP/1.1\r\nHost: app.exa"),
        Bytes("PD-09 half a body", post("Content-Length: 100", "a=b")),
        Bytes("PD-09 two lengths", post("Content-Length: 3\r\nContent-Length: 4", "a=bc")),
        Bytes("PD-09 a length and chunks", post("Content-Length: 3\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
        Bytes(
            "PD-09 a coding without a name beside a length",
            post("Transfer-Encoding: \t\r\nContent-Length: 3", "a=b" + probe("/health/live", "Host: app.example\r\n"))
        ),
        Bytes(
            "PD-09 chunks in HTTP/1.0",
            post("Connection: keep-alive\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + probe("/health/live"))
                .replacing("callback HTTP/1.1", with: "callback HTTP/1.0")
        ),
        Bytes("PD-09 a coding that nobody knows", post("Transfer-Encoding: cow, chunked", "0\r\n\r\n")),
        Bytes(
            "PD-09 a coding that nobody knows, in a field of its own",
            post("Transfer-Encoding: cow\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + probe("/health/live"))
        ),
        Bytes("PD-09 chunks twice", post("Transfer-Encoding: chunked, chunked", "0\r\n\r\n" + probe("/health/live"))),
        Bytes("PD-09 no host", probe("/health/live", "")),
        Bytes("PD-09 no host in HTTP/1.0", "GET /health/live HTTP/1.0\r\n\r\n", refused: false),
        Bytes("PD-09 two hosts", probe("/health/live", "Host: app.example\r\nHost: app.example\r\n")),
        Bytes("PD-09 a space in the host", probe("/health/live", "Host: app.example b\r\n")),
        Bytes("PD-09 a user in the host", probe("/health/live", "Host: evil@app.example\r\n")),
        Bytes("PD-09 an empty segment in front", probe("//health/live")),
        Bytes("PD-09 an empty segment", probe("/health//live")),
        Bytes("PD-09 chunks that aren't last", post("Transfer-Encoding: chunked, identity", "0\r\n\r\n")),
        Bytes("PD-09 nested names", post("Content-Length: 20000", "a" + String(repeating: "[b]", count: 6666) + "=")),
        Bytes("PD-06 a length below zero", post("Content-Length: -1")),
        Bytes("PD-06 a length with a sign", post("Content-Length: +3", "a=b")),
        Bytes("PD-06 a length beyond 32 bits", post("Content-Length: 4294967297", "a=b")),
        Bytes("PD-06 a length beyond 63 bits", post("Content-Length: 9223372036854775808", "a=b")),
        Bytes("PD-06 a length beyond 64 bits", post("Content-Length: 99999999999999999999", "a=b")),
        Bytes("PD-06 a chunk beyond 32 bits", post("Transfer-Encoding: chunked", "100000001\r\na=b")),
        Bytes("PD-06 a chunk beyond 63 bits", post("Transfer-Encoding: chunked", "FFFFFFFFFFFFFFFF\r\na=b")),
        Bytes("PD-06 a chunk below zero", post("Transfer-Encoding: chunked", "-1\r\na=b\r\n0\r\n\r\n")),
        Bytes("PD-02 a hundred thousand fields", get(String(repeating: "X: 1\r\n", count: 100_000) + "X: 1")),
        Bytes("PD-02 a field name of 200 KB", get(String(repeating: "X", count: 200_000) + ": 1")),
        Bytes("PD-02 a target of 200 KB", "GET /" + String(repeating: "a", count: 200_000) + " HTTP/1.1\r\n\r\n"),
    ]

    @Test("PD-09 a connection of HTTP/1.0 ends with its answer", .timeLimit(.minutes(1)))
    func oldConnection() async throws {
        let options = Site.Options()
        let site = try Site(store: options.memory, options)
        try await site.application.application.test(.live) { client in
            let port = try #require(client.port)
            let request = Array("GET /health/live HTTP/1.0\r\n\r\n".utf8)
            let answer = try await RawConnection.exchange(port: port, request, endsSending: false)
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test("CB-20 a body that doesn't say how long it is has the same bound", .timeLimit(.minutes(1)))
    func chunkedBody() async throws {
        var options = Site.Options()
        options.configure = { $0.responseMode = .formPost }
        let site = try Site(store: options.memory, options)
        try await site.application.application.test(.live) { client in
            let body = "A000\r\n" + String(repeating: "a", count: 0xA000) + "\r\n0\r\n\r\n"
            let request = Self.post("Connection: close\r\nTransfer-Encoding: chunked", body)
            let answer = try await RawConnection.exchange(port: try #require(client.port), Array(request.utf8))
            #expect(answer.hasPrefix("HTTP/1.1 413"), "\(answer.prefix(200))")
        }
    }

    @Test(
        "PD-09 two framings are refused behind the parser as well, whichever of them it went by",
        arguments: [
            (["Transfer-Encoding": "chunked", "Content-Length": "3"], true), (["Transfer-Encoding": "chunked"], false),
            (["Content-Length": "3"], false), (["Transfer-Encoding": " "], true), (["Transfer-Encoding": ""], true),
        ]
    )
    func framings(fields: [String: String], isRefused: Bool) {
        for version in [HTTPVersion.http1_1, .http1_0] {
            var head = HTTPRequestHead(version: version, method: .POST, uri: "/callback")
            head.headers.add(name: "Host", value: "app.example")
            for (name, value) in fields { head.headers.add(name: name, value: value) }
            let isOld = version == .http1_0 && fields["Transfer-Encoding"] != nil
            #expect((RequestFraming.problem(of: head) != nil) == (isRefused || isOld), "\(version)")
        }
    }

    @Test(
        "PD-09 one coding, and no other than chunks, is undone here",
        arguments: [
            (["chunked"], true), (["CHUNKED"], true), (["chunked", "chunked"], false), (["chunked, chunked"], false),
            (["gzip, chunked"], false), (["gzip", "chunked"], false), (["identity"], false), (["xchunked"], false),
        ]
    )
    func codings(_ lines: [String], isTaken: Bool) {
        var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/callback")
        head.headers.add(name: "Host", value: "app.example")
        for line in lines { head.headers.add(name: "Transfer-Encoding", value: line) }
        #expect((RequestFraming.problem(of: head) == nil) == isTaken)
    }

    @Test("Is refused or cut off, and the next connection is served", .timeLimit(.minutes(1)), arguments: corpus)
    func refused(_ bytes: Bytes) async throws {
        var options = Site.Options()
        options.configure = { $0.responseMode = .formPost }
        let site = try Site(store: options.memory, options)
        try await site.application.application.test(.live) { client in
            let port = try #require(client.port)
            let answer = try await RawConnection.exchange(port: port, Array(bytes.text.utf8))
            let status = answer.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) }
            if bytes.isRefused {
                #expect(status == nil || (400..<500).contains(status ?? 0) || status == 505, "\(answer.prefix(200))")
            } else {
                #expect((status ?? 0) < 500)
                #expect(!answer.contains("evil"))
            }
            // No second answer to what was smuggled behind the first request. The parser's own complaint about a body
            // that breaks off may follow an answer that came before its end; it closes the connection.
            let statuses = answer.matches(of: #/HTTP\/1\.1 (\d\d\d)/#).map { String($0.1) }
            #expect(statuses.count <= 1 || statuses.dropFirst() == ["400"])
            let next = try await RawConnection.exchange(
                port: port,
                Array("GET /health/live HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n\r\n".utf8)
            )
            #expect(next.hasPrefix("HTTP/1.1 200"))
            #expect(site.provider.requests.isEmpty)
        }
    }
}
