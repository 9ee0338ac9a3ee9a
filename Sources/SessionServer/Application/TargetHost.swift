import NIOHTTP1

/// The host in the target of a request, `GET http://host/path`.
///
/// What turns the parser's words into Hummingbird's drops it without a look. RFC 9112 section 3.2.2 has clients send the
/// same twice, and servers go by the target. Whatever stands before this server, or writes its logs, may go by either, so
/// whoever says two things is refused like one with two `Host` fields.
enum TargetHost {
    /// Makes it one more `Host` unless it is the same; nil when nothing has to change.
    static func contradiction(in head: HTTPRequestHead) -> HTTPRequestHead? {
        guard let authority = authority(ofTarget: head.uri), differs(authority, from: head.headers["Host"]) else {
            return nil
        }
        var head = head
        head.headers.add(name: "Host", value: String(authority))
        return head
    }

    /// Host and port in a target that is a whole URL; nil for every other form of a target.
    static func authority(ofTarget target: String) -> Substring? {
        guard !target.utf8.starts(with: "/".utf8) else { return nil }
        for scheme in ["http://", "https://"] {
            let beginning = String(decoding: target.utf8.prefix(scheme.utf8.count), as: UTF8.self)
            guard beginning.lowercased() == scheme else { continue }
            let rest = target.utf8.dropFirst(scheme.utf8.count)
            return Substring(rest.prefix { !"/?#".utf8.contains($0) })
        }
        return nil
    }

    /// Whether a host is another one than that which the fields name; without a field nobody is named at all.
    static func differs(_ authority: Substring, from hosts: [String]) -> Bool {
        guard let host = hosts.first else { return false }
        return host.utf8.count != authority.utf8.count
            || !zip(host.utf8, authority.utf8).allSatisfy { lowercased($0) == lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
