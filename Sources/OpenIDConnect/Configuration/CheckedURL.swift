/// An absolute URL that we may send a browser or a request to: https, or http on a loopback host.
///
/// Stricter than RFC 3986 where a provider has no use for the freedom: visible ASCII only, no user name, no fragment,
/// a host of letters, digits, dots and hyphens (or an IP address), a port of one to five digits. What two parsers
/// might read differently is refused.
package struct CheckedURL: Sendable, Hashable {
    let text: String
    let host: String
    let port: Int?
    let path: String
    let query: String?
    let isLoopback: Bool

    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 2048, bytes.allSatisfy(Self.isAllowed) else { return nil }
        let isSecure: Bool
        if bytes.starts(with: "https://".utf8) {
            isSecure = true
        } else if bytes.starts(with: "http://".utf8) {
            isSecure = false
        } else {
            return nil
        }
        let rest = bytes.dropFirst(isSecure ? 8 : 7)
        let authorityEnd = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        guard let (host, port) = Self.parseAuthority(rest[..<authorityEnd]) else { return nil }
        let tail = rest[authorityEnd...]
        let queryStart = tail.firstIndex(of: UInt8(ascii: "?")) ?? tail.endIndex

        self.text = text
        self.host = host
        self.port = port
        self.path = String(decoding: tail[..<queryStart], as: UTF8.self)
        self.query = queryStart == tail.endIndex ? nil : String(decoding: tail[(queryStart + 1)...], as: UTF8.self)
        self.isLoopback = Self.isLoopback(host)
        guard isSecure || isLoopback else { return nil }
    }

    /// Scheme, host and port (RFC 6454 section 4).
    var origin: String {
        let isSecure = text.utf8.starts(with: "https:".utf8)
        return "\(isSecure ? "https" : "http")://\(host):\(port ?? (isSecure ? 443 : 80))"
    }

    /// Whether the host is an address that means this machine or its own link, such as a cloud's metadata service.
    ///
    /// Of IPv6 this is fe80::/10 and everything whose first group is zero: `::`, `::1`, and IPv4 addresses in disguise.
    var isNeighbour: Bool {
        // `localhost.` is the same name, and resolves to the same address (RFC 6761 section 6.3).
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        if host.hasPrefix("169.254.") || host.hasPrefix("0.") || Self.isLoopback(name) { return true }
        guard host.hasPrefix("[") else { return false }
        let group = host.dropFirst().prefix { $0 != ":" }
        return group.allSatisfy { $0 == "0" }
            || group.count == 4 && group.hasPrefix("fe") && "89ab".contains(group.dropFirst(2).prefix(1))
    }

    /// The names in the query; nil for a query that is not well formed.
    var parameterNames: [String]? {
        try? FormDecoding.fields(Array((query ?? "").utf8)).map(\.name)
    }

    /// The URL with these parameters behind whatever query it has.
    ///
    /// - Parameter endpoint: what the metadata calls the URL.
    /// - Throws: ``OpenIDConnectError/Code/metadataInvalid`` when the URL sets one of them itself: none may appear twice
    ///   (RFC 6749 section 3.1).
    func appending(
        _ parameters: [(name: String, value: String)],
        to endpoint: String
    ) throws(OpenIDConnectError) -> String {
        guard let own = parameterNames, !own.contains(where: parameters.map(\.name).containsBytes) else {
            throw OpenIDConnectError(.metadataInvalid, "discovery: \(endpoint) sets parameters of the request")
        }
        let separator = query == nil ? "?" : query == "" ? "" : "&"
        return text + separator + FormCoding.encode(parameters)
    }

    /// RFC 3986's reserved and unreserved characters and `%`, without `#`.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~:/?[]@!$&'()*+,;=%".utf8.contains(byte)
        }
    }

    private static func parseAuthority(_ authority: ArraySlice<UInt8>) -> (host: String, port: Int?)? {
        var hostBytes = authority
        var portBytes: ArraySlice<UInt8>?
        if authority.first == UInt8(ascii: "[") {
            guard let close = authority.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            hostBytes = authority[...close]
            let after = authority[(close + 1)...]
            if let colon = after.first {
                guard colon == UInt8(ascii: ":") else { return nil }
                portBytes = after.dropFirst()
            }
            let inner = hostBytes.dropFirst().dropLast()
            guard inner.contains(UInt8(ascii: ":")), inner.allSatisfy({ isHexDigit($0) || ":.".utf8.contains($0) })
            else { return nil }
        } else {
            if let colon = authority.firstIndex(of: UInt8(ascii: ":")) {
                hostBytes = authority[..<colon]
                portBytes = authority[(colon + 1)...]
            }
            guard isHostName(hostBytes) else { return nil }
        }
        var port: Int?
        if let portBytes {
            guard (1...5).contains(portBytes.count), portBytes.allSatisfy(isDigit),
                let number = Int(String(decoding: portBytes, as: UTF8.self)), (1...65_535).contains(number)
            else { return nil }
            port = number
        }
        return (String(decoding: hostBytes, as: UTF8.self).lowercased(), port)
    }

    private static func isHostName(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard (1...253).contains(bytes.count) else { return false }
        var labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // A name may end in one dot; no other label may be empty.
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        let areLabels = labels.allSatisfy { label in
            (1...63).contains(label.count)
                && label.allSatisfy { isDigit($0) || isLetter($0) || "-_".utf8.contains($0) }
        }
        guard areLabels, let last = labels.last else { return false }
        // What ends in a number is an address to some resolvers: `2852039166`, `0x7f.1` and `127.1` are three. Only the
        // form that everybody reads alike is one here.
        guard isDigit(last[last.startIndex]), last.allSatisfy({ isHexDigit($0) || $0 | 0x20 == UInt8(ascii: "x") })
        else { return true }
        return labels.count == 4 && bytes.last != UInt8(ascii: ".") && labels.allSatisfy(isOctet)
    }

    private static func isOctet(_ label: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: label, as: UTF8.self)
        return UInt8(text).map { String($0) == text } == true
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "[::1]" || host.hasSuffix(".localhost") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { (1...3).contains($0.utf8.count) && UInt8($0) != nil }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    private static func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (0x61...0x66).contains(byte | 0x20) }
}
