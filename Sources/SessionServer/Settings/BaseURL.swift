/// The public origin of this service, as browsers see it: `https://app.example`, or plain http on a loopback host.
///
/// Redirect URIs, the check of `Origin` and the kind of cookies follow from it; the `Host` header of a request decides
/// nothing.
public struct BaseURL: Sendable, Hashable {
    /// Scheme, host and port, as a browser writes them in an `Origin` header (RFC 6454 section 6.2).
    public let origin: String

    /// Whether it is https.
    public let isSecure: Bool

    /// The host alone, in lower case: what cookies know of an origin.
    public let host: String

    /// Checks an origin.
    ///
    /// - Returns: nil unless it is `https://host[:port]`, or `http://` with `localhost`, `*.localhost`, `127.0.0.0/8` or
    ///   `[::1]`, without user, path (one slash is taken off), query or fragment.
    public init?(_ text: String) {
        let text = text.lowercased()
        let isSecure = text.hasPrefix("https://")
        guard isSecure || text.hasPrefix("http://") else { return nil }
        var authority = text.dropFirst(isSecure ? 8 : 7)
        if authority.last == "/" { authority = authority.dropLast() }
        var host = authority
        var port: Substring?
        if let colon = authority.lastIndex(of: ":"), authority.last != "]" {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard Self.isHost(host), isSecure || Self.isLoopback(host) else { return nil }
        var origin = (isSecure ? "https://" : "http://") + host
        if let port {
            guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = UInt16(port), number > 0
            else { return nil }
            if number != (isSecure ? 443 : 80) { origin += ":\(number)" }
        }
        self.origin = origin
        self.isSecure = isSecure
        self.host = String(host)
    }

    /// Host and port, as a request's `Host` names them; the scheme's own port may be there or not.
    var authorities: [String] {
        let authority = String(origin.dropFirst(isSecure ? 8 : 7))
        return authority == host ? [authority, authority + (isSecure ? ":443" : ":80")] : [authority]
    }

    /// The URL of a path, which begins with a slash.
    public func url(_ path: String) -> String { origin + path }

    /// The redirect URI to register at the provider.
    public var redirectURI: String { url(Paths.callback) }

    /// The redirect URI of one of several providers, so that an answer can't pass for another provider's (RFC 9700
    /// section 4.4.2.2).
    ///
    /// - Parameter provider: A name of letters, digits, `-` and `_`.
    public func redirectURI(of provider: String) -> String { url(Paths.callback + "/" + provider) }

    /// The post-logout redirect URI to register at the provider.
    public var postLogoutRedirectURI: String { url(Paths.loggedOut) }

    private static func isHost(_ host: Substring) -> Bool {
        if host.first == "[" {
            return host.last == "]" && host.utf8.count > 3
                && host.dropFirst().dropLast().utf8.allSatisfy { isHexDigit($0) || ":.".utf8.contains($0) }
        }
        return (1...253).contains(host.utf8.count) && host.first != "." && host.first != "-"
            && host.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || "-._".utf8.contains($0)
            }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    static func isLoopback(_ host: Substring) -> Bool {
        if host == "localhost" || host == "[::1]" || host.hasSuffix(".localhost") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension BaseURL: CustomStringConvertible {
    /// The origin.
    public var description: String { origin }
}
