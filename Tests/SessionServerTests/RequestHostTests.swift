import HTTPTypes
import Secrets
import Testing

@testable import SessionServer

@Suite("Whose a request is, is what its host says and nothing else")
struct RequestHostTests {
    private func host(_ authority: String?, peer: String? = "192.0.2.1", _ fields: HTTPFields = [:]) -> String? {
        var request = HTTPRequest(method: .get, scheme: "http", authority: authority, path: "/")
        request.headerFields = fields
        let proxies = TrustedProxies(["10.0.0.0/8"].compactMap { AddressBlock($0) })
        return RequestHost.of(request, peer: peer, proxies: proxies)
    }

    @Test(
        "SS-18 a host that isn't plain is none",
        arguments: [
            ("acme.example.com", "acme.example.com"), ("ACME.Example.com:443", "acme.example.com:443"),
            (nil, nil), ("", nil), ("acme.example.com,beta.example.com", nil), ("acme.example.com beta", nil),
            // U+212A, KELVIN SIGN, is canonically equivalent to K: equal as text, and another host.
            ("wor\u{212A}.example.com", nil),
            (String(repeating: "a", count: 271), nil),
        ] as [(String?, String?)]
    )
    func plain(authority: String?, expected: String?) {
        #expect(host(authority) == expected)
    }

    @Test("SS-18 a second Host makes a request nobody's")
    func secondHost() {
        #expect(host("acme.example.com", [.known("Host"): "beta.example.com"]) == nil)
    }

    @Test("CB-19 X-Forwarded-Host is a trusted proxy's word, and nobody else's")
    func forwarded() {
        let fields: HTTPFields = [.known("X-Forwarded-Host"): "beta.example.com"]
        #expect(host("acme.example.com", fields) == "acme.example.com")
        #expect(host("acme.example.com", peer: nil, fields) == "acme.example.com")
        #expect(host("acme.example.com", peer: "10.1.2.3", fields) == "beta.example.com")
        #expect(host("acme.example.com", peer: "10.1.2.3") == "acme.example.com")
        var two = fields
        two.append(HTTPField(name: .known("X-Forwarded-Host"), value: "acme.example.com"))
        #expect(host("acme.example.com", peer: "10.1.2.3", two) == nil)
        #expect(host("a", peer: "10.1.2.3", [.known("X-Forwarded-Host"): "acme.example.com, beta.example.com"]) == nil)
    }

    @Test(
        "SS-18 PD-09 a host in a target is found, and told from Host's",
        arguments: [
            ("/", nil, false), ("/login?x=http://b.example/", nil, false), ("//b.example/", nil, false),
            ("*", nil, false), ("b.example:443", nil, false), ("ftp://b.example/", nil, false),
            ("http://a.example/login", "a.example", false), ("HTTPS://A.example", "A.example", false),
            ("http://a.example?x", "a.example", false), ("http://b.example/login", "b.example", true),
            ("http://a.example:80/", "a.example:80", true),
            ("http://a.example@b.example/", "a.example@b.example", true),
            ("http://a.example.b.example/", "a.example.b.example", true), ("http:///login", "", true),
            ("http://wor\u{212A}.example/", "wor\u{212A}.example", true),
        ] as [(String, String?, Bool)]
    )
    func target(target: String, authority: String?, differs: Bool) {
        let found = TargetHost.authority(ofTarget: target)
        #expect(found.map(String.init) == authority)
        #expect(found.map { TargetHost.differs($0, from: ["a.EXAMPLE"]) } ?? false == differs)
        #expect(found.map { TargetHost.differs($0, from: []) } ?? false == false)
    }

    @Test("A base URL's host goes with and without its scheme's own port, and with no other")
    func authorities() throws {
        #expect(try #require(BaseURL("https://A.example")).authorities == ["a.example", "a.example:443"])
        #expect(try #require(BaseURL("https://a.example:8443")).authorities == ["a.example:8443"])
        #expect(try #require(BaseURL("http://[::1]")).authorities == ["[::1]", "[::1]:80"])
        #expect(try #require(BaseURL("https://a.example:8443")).host == "a.example")
    }

    @Test("Tokens that are replaced are replaced for everybody who has them")
    func tokens() throws {
        let (old, new) = (String(repeating: "old-token", count: 5), String(repeating: "new-token", count: 5))
        let tokens = try BearerTokens(Secret(old))
        let copy = tokens
        tokens.replace(with: try BearerTokens(Secret(new)))
        #expect(copy.caller(presenting: Substring(new).utf8) != nil)
        #expect(copy.caller(presenting: Substring(old).utf8) == nil)
    }
}
