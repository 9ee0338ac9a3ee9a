/// The public origin: scheme, host and port, nothing behind it.
///
/// Redirect URIs are made from it and never from a request's `Host` header, which the sender chooses.
struct BaseURL: Sendable, Hashable, CustomStringConvertible {
    /// Without a trailing slash.
    let origin: String
    let isSecure: Bool

    /// Checks an origin: https, or http on a loopback host; a single trailing slash is forgiven.
    ///
    /// - Throws: ``SettingsError`` with what is wrong, without the setting's name.
    init(_ text: String) throws(SettingsError) {
        let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
        let scheme = trimmed.hasPrefix("https://") ? "https://" : "http://"
        guard trimmed.hasPrefix(scheme) else {
            throw SettingsError(["must begin with https:// (http:// is accepted on a loopback host)"])
        }
        let authority = trimmed.dropFirst(scheme.count)
        guard !authority.isEmpty, authority.utf8.allSatisfy(Self.isAuthorityByte) else {
            throw SettingsError(["must be an origin such as https://app.example.com, without path, query or user name"])
        }
        let host = Self.host(of: authority)
        guard scheme == "https://" || Self.isLoopback(host) else {
            throw SettingsError(["must begin with https:// (http:// is accepted on a loopback host only)"])
        }
        origin = trimmed
        isSecure = scheme == "https://"
    }

    var description: String { origin }

    /// An absolute URL of this origin.
    func appending(path: String) -> String { origin + path }

    private static func host(of authority: Substring) -> Substring {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return authority[...end] }
        return authority.prefix { $0 != ":" }
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        host == "localhost" || host == "[::1]" || host == "127.0.0.1" || host.hasSuffix(".localhost")
    }

    /// Letters, digits and `-._:[]`; no upper case, since browsers compare origins in lower case.
    private static func isAuthorityByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-._:[]".utf8.contains(byte)
        }
    }
}
