import HTTPTypes

/// The host that a request is for.
enum RequestHost {
    private static let maximumBytes = 270

    /// The host and port that a request names, in lower case; nil when it names none, several, or what is no host.
    ///
    /// `X-Forwarded-Host` is the word of a proxy and counts when the connection comes from one that is trusted; from
    /// anybody else it is as good as absent.
    static func of(_ request: HTTPRequest, peer: String?, proxies: TrustedProxies) -> String? {
        if let peer = peer.flatMap(IPAddress.init), proxies.contains(peer) {
            let forwarded = request.headerFields[values: .forwardedHost]
            if forwarded.count > 1 { return nil }
            if let host = forwarded.first { return normalized(host) }
        }
        // The first `Host` is the authority; a second one is among the fields, and RFC 9112 section 3.2 refuses both.
        guard !request.headerFields.contains(.hostField) else { return nil }
        return request.authority.flatMap(normalized)
    }

    /// Texts of ASCII only: others can be equal to a name that they aren't, by canonical equivalence.
    private static func normalized(_ host: String) -> String? {
        guard (1...maximumBytes).contains(host.utf8.count),
            host.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ",") })
        else { return nil }
        return host.lowercased()
    }
}
