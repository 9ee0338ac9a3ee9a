import Foundation
import LoginFlow
import Testing

@Suite("return_to")
struct ReturnToTests {
    static let reserved: Set<String> = ["/login", "/callback", "/logout"]

    @Test(
        "RD-01 PR-01 PR-02 PR-12 what a browser could read as another host is refused",
        arguments: [
            "//evil", "///evil", "/\\evil", "\\/evil", "\\\\evil", "/%5cevil", "/%5Cevil", "/%2f%2fevil", "/%2Fevil",
            "/%09/evil", "/\t/evil", "/ /evil", "/\u{B}/evil", "/\r\n/evil", "/./\\evil", "/./../../\\evil",
            "/\t\t\\\t/evil", "/\u{0}/evil", "/a//evil", "/.//evil", "/..//evil", "/%2e%2e//evil", "/%252f%252fevil",
            "/a/%2e%2e/b", "/a/../b", "/a/./b", "/\u{7F}/evil", "/%00", "/%0d%0aSet-Cookie:x=y", "/%7f",
        ]
    )
    func otherHosts(_ candidate: String) {
        #expect(ReturnTo(candidate, reserved: Self.reserved) == nil)
    }

    @Test(
        "RD-02 RD-03 PR-03 PR-06 PR-07 PR-15 anything with a scheme or a host is refused",
        arguments: [
            "https://app.example", "https://app.example.com@evil", "https://app.example.com.evil",
            "https://evilapp.example.com", "https://app.example.com:1234", "https://evil/?rd=app.example.com",
            "javascript:alert(1)", "data:text/html,x", "vbscript:x", "%19java%09script:x", "ftp://evil", "app://evil",
            "evil", "evil.example/path", "", "?x", "#x", ".", "..", "./x", "@evil", ":80", "http:/evil", "%2f",
        ]
    )
    func absolute(_ candidate: String) {
        #expect(ReturnTo(candidate, reserved: Self.reserved) == nil)
    }

    @Test(
        "RD-04 a URL inside the query is allowed, since the host is ours",
        arguments: [
            "/", "/path", "/path/", "/a/b/c.html", "/search?q=a+b&url=https://evil.example//x", "/x#y//z",
            "/?q=%0a%2f%2f", "/caf%C3%A9", "/a;b=c,d", "/~user/(1)!*'$&", "/@evil", "/:80", "/...", "/.well-known/x",
            "/filter?f[a]=1", "/logins", "/callbacks/1",
        ]
    )
    func allowed(_ candidate: String) {
        #expect(ReturnTo(candidate, reserved: Self.reserved)?.path == candidate)
    }

    @Test(
        "RD-05 RD-06 RD-08 RD-10 PR-08 malformed, beyond ASCII or too long is refused",
        arguments: [
            "/\u{FF0F}evil",
            "/a\u{3002}b", "/é", "/%", "/%4", "/%zz", "/x?%", "/x?a=%g0", "/x\"y", "/<script>", "/a|b",
            "/a^b", "/a`b", "/{a}", "/" + String(repeating: "a", count: 2048),
            "https://a:" + String(repeating: "0", count: 70_000) + "80/",
        ]
    )
    func malformed(_ candidate: String) {
        #expect(ReturnTo(candidate, reserved: Self.reserved) == nil)
    }

    @Test(
        "RD-12 the login's own paths are no destination",
        arguments: [
            "/login", "/LOGIN", "/login?x=1", "/login/", "/logout", "/logout#x", "/callback?code=1&state=2",
            "/callback/x", "/l%6Fgin", "/%6cogin/", "/login;x", "/login;x=1/y", "/logout%3Bx", "/callback;?code=1",
            "/callback/%CC%81x", "/login;%E2%83%A3",
        ]
    )
    func loops(_ candidate: String) {
        #expect(ReturnTo(candidate, reserved: Self.reserved) == nil)
    }

    @Test("RD-09 whatever is accepted stays on the origin by a browser's rules, 300 000 strings")
    func differential() {
        let alphabet = [
            "/", "\\", "\t", "\r", "\n", "\u{B}", "\u{C}", "\0", " ", "%2f", "%5c", "%09", "%", "@", ":", "#", "?", ".",
            "..", "a", "evil.example", "http:", "&", "é", "//",
        ]
        var generator = SystemRandomNumberGenerator()
        var accepted = 0
        for _ in 0..<300_000 {
            let length = Int.random(in: 1...8, using: &generator)
            let candidate =
                (Bool.random() ? "/" : "")
                + (0..<length).map { _ in alphabet.randomElement(using: &generator) ?? "" }.joined()
            guard let returnTo = ReturnTo(candidate) else { continue }
            accepted += 1
            guard BrowserURL.staysOnOrigin(returnTo.path) else {
                Issue.record("accepted \(candidate.debugDescription)")
                return
            }
        }
        // Otherwise the comparison says nothing.
        #expect(accepted > 1000)
    }
}

/// How a browser resolves a reference against `https://app.example` (WHATWG URL, basic URL parser), written for
/// judging, not for speed: only whether the host stays ours.
enum BrowserURL {
    static func staysOnOrigin(_ reference: String) -> Bool {
        var scalars = reference.unicodeScalars.filter { !["\t", "\n", "\r"].contains($0) }[...]
        while let first = scalars.first, first.value <= 0x20 { scalars.removeFirst() }
        while let last = scalars.last, last.value <= 0x20 { scalars.removeLast() }
        if let colon = scalars.firstIndex(of: ":"), let first = scalars.first, isLetter(first),
            scalars[..<colon].allSatisfy({ isLetter($0) || "0123456789+-.".unicodeScalars.contains($0) })
        {
            return false
        }
        let lead = scalars.prefix(2).map { $0 == "\\" ? "/" : $0 }
        return !(lead.count == 2 && lead[0] == "/" && lead[1] == "/")
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        (0x61...0x7A).contains(scalar.value | 0x20)
    }
}
