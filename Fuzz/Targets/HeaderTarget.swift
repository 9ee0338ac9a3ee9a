import HTTPTypes

@testable import SessionServer
@testable import Sessions

extension FuzzTarget {
    /// The other end of the connection on the first line; then header fields, a letter and a value a line.
    static let headers = FuzzTarget(
        name: "headers",
        maximumBytes: 20_000,
        dictionary: [
            "10.0.0.1\n", "192.0.2.7\n", "\nx", "\nh", "\nH", "\no", "\na", "\ns", "\nb", "\nu", ", ",
            "[2001:db8::1]:443",
            "::ffff:10.0.0.2", "fe80::1%eth0", ":65535", "https://app.example", "null", "same-origin", "cross-site",
            "text/html", "application/json", ";q=", "Bearer ", "Mozilla/5.0", "Firefox/", "(X11; Linux", "AppleWebKit/",
        ]
    ) { bytes in
        let lines = FuzzInput.lines(bytes)
        try HeaderCheck(peer: lines[0], lines: lines.dropFirst().prefix(256)).run()
    }
}

private struct HeaderCheck {
    private static let names: [Character: HTTPField.Name] = [
        "x": .forwardedFor, "h": .forwardedHost, "o": .origin, "a": .accept, "s": .secFetchSite, "b": .authorization,
        "u": .userAgent,
    ]

    private let peer: String
    private var headers = HTTPFields()
    private var authority: String?

    init(peer: String, lines: some Sequence<String>) {
        self.peer = peer
        for line in lines {
            guard let letter = line.first else { continue }
            let value = String(line.dropFirst())
            if letter == "H" {
                authority = value
            } else if let name = Self.names[letter] {
                headers.append(HTTPField(name: name, value: value))
            }
        }
    }

    func run() throws {
        let blocks = ["10.0.0.0/8", "2001:db8::/32", "::1"].compactMap(AddressBlock.init)
        try expect(blocks.count == 3, "a block that is none")
        try checkClient(TrustedProxies(blocks))
        try checkHost(TrustedProxies(blocks))
        try checkOrigin()
        try checkToken()
        try checkUserAgent()
        try checkAccept()
    }

    /// Who isn't a trusted proxy is the client; else it is one of the addresses that stand there, before trusted ones.
    private func checkClient(_ proxies: TrustedProxies) throws {
        let client = proxies.client(peer: peer, headers)
        guard let own = IPAddress(peer) else { return try expect(client == nil, "a client without a connection") }
        try expect(IPAddress(own.description) == own, "an address is another one when it is written and read again")
        guard let client else { throw Violation(description: "a connection without a client") }
        guard proxies.contains(own) else { return try expect(client == own, "a stranger says who the client is") }
        try expect(TrustedProxies.none.client(peer: peer, headers) == own, "somebody is believed, although nobody is")
        guard client != own else { return }
        let entries = headers[values: .forwardedFor].flatMap {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        var rest = entries[...]
        while let entry = rest.popLast() {
            guard let address = Self.address(entry) else { throw Violation(description: "behind an unreadable entry") }
            if address == client, !proxies.contains(address) || rest.isEmpty { return }
            try expect(proxies.contains(address), "a stranger vouches for the client")
        }
        throw Violation(description: "a client that nobody named")
    }

    /// The address in an entry, told another way: with what looks like a port cut off, or as it is.
    private static func address(_ entry: Substring) -> IPAddress? {
        let text = entry.trimmingSpaces
        if let address = IPAddress(String(text)) { return address }
        let cut = text.lastIndex(of: ":").map { text[..<$0] } ?? text
        let forms = [String(text), String(cut)].map {
            $0.hasPrefix("[") && $0.hasSuffix("]") ? String($0.dropFirst().dropLast()) : $0
        }
        return forms.lazy.compactMap(IPAddress.init).first
    }

    private func checkHost(_ proxies: TrustedProxies) throws {
        var request = HTTPRequest(method: .get, scheme: "https", authority: authority, path: "/")
        request.headerFields = headers
        let host = RequestHost.of(request, peer: peer, proxies: proxies)
        let isTrusted = IPAddress(peer).map(proxies.contains) == true
        let forwarded = isTrusted ? headers[values: .forwardedHost] : []
        let said = forwarded.isEmpty ? request.authority.map { [$0] } ?? [] : forwarded
        guard let host else { return }
        try expect(said.count == 1 && said[0].lowercased() == host, "a host that nobody named, or one of several")
        try expect(host.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x2C }, "a host with a space or a comma")
    }

    private func checkOrigin() throws {
        guard let base = BaseURL("https://app.example") else { throw Violation(description: "no base URL") }
        let origin = RequestOrigin(headers, base: base)
        guard origin.isSameOrigin else { return }
        let said = headers[values: .origin]
        let site = headers[values: .secFetchSite]
        try expect(!origin.isCrossSite, "same-origin and cross-site at once")
        try expect(!(said.isEmpty && site.isEmpty), "a request that says nothing about its origin")
        try expect(said.allSatisfy { ["https://app.example", "null"].contains($0) }, "another origin's request")
        try expect(site.allSatisfy { $0 == "same-origin" }, "another site's request")
    }

    /// Who gets a page: the fields are one list whose order doesn't matter (RFC 9110 sections 5.3 and 12.5.1).
    private func checkAccept() throws {
        let isHTML = Accept.prefersHTML(headers)
        let fields = headers[values: .accept].filter { $0.utf8.allSatisfy { $0 < 0x80 } }
        let list = fields.joined(separator: ",")
        try expect(!isHTML || list.lowercased().contains("html"), "a page for who didn't ask for one")
        func prefersHTML(_ texts: [String]) -> Bool {
            Accept.prefersHTML(HTTPFields(texts.map { HTTPField(name: .accept, value: $0) }))
        }
        try expect(prefersHTML(fields.reversed()) == isHTML, "the order of the fields counts")
        try expect(prefersHTML([list]) == isHTML, "one field says something else than several")
        try expect(prefersHTML([list, "*/*"]) == isHTML, "a range without a name counts")
        try expect(
            !prefersHTML([list, "application/json;q=1.000"]) || weight(of: "html", list) != 0,
            "JSON has no weight"
        )
        guard let html = weight(of: "html", list), let json = weight(of: "json", list) else { return }
        try expect(isHTML == (html > 0 && html >= json), "weights count otherwise than as they stand there")
    }

    /// The greatest weight of a kind, in thousandths; nil for a list that isn't as section 12.4.2 has it.
    private func weight(of kind: String, _ list: String) -> Int? {
        let types =
            kind == "html" ? ["text/html", "application/xhtml+xml"] : ["application/json", "application/problem+json"]
        var greatest = 0
        for range in list.lowercased().split(separator: ",") {
            let parts = range.split(separator: ";", omittingEmptySubsequences: false).map(\.trimmingSpaces)
            guard parts.count <= 2, let type = parts.first, !type.isEmpty else { return nil }
            var weight = 1000
            if parts.count == 2 {
                guard let digits = parts[1].wholeMatch(of: /q=(?:(0)(?:\.([0-9]{0,3}))?|1(?:\.0{0,3})?)/) else {
                    return nil
                }
                let fraction = String(digits.2 ?? "")
                if digits.1 != nil { weight = Int(fraction + String(repeating: "0", count: 3 - fraction.count)) ?? 0 }
            }
            if types.contains(String(type)) { greatest = max(greatest, weight) }
        }
        return greatest
    }

    private func checkToken() throws {
        let fields = headers[values: .authorization]
        guard case .success(let token) = BearerGuard.token(in: headers) else { return }
        try expect(fields.count == 1, "one of several tokens")
        let text = String(Substring(token))
        try expect(fields[0].hasSuffix(text) && fields[0].lowercased().hasPrefix("bearer "), "a token that nobody sent")
        try expect(!text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "a token with spaces")
    }

    private func checkUserAgent() throws {
        for value in headers[values: .userAgent] {
            let stored = SessionAttributes.stored(userAgent: value)
            try expect(stored.unicodeScalars.count <= 512, "a User-Agent of more than 512 characters is stored")
            try expect(stored.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "control characters are stored")
            guard let label = DeviceLabel.of(userAgent: value) else { continue }
            try expect(label.utf8.count <= 40 && !label.contains("/"), "a label from the User-Agent's own words")
            try expect(DeviceLabel.of(userAgent: value) == label, "two labels")
        }
    }
}
