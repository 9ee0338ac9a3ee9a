import HTTPTypes

/// The proxies whose word about the client's address is believed.
///
/// Anybody can send `X-Forwarded-For`, so it is read only when the connection comes from one of these, from the right,
/// and only as far as each hop that vouches for the next is one of them: what stands further left may be the client's
/// own invention.
public struct TrustedProxies: Sendable, Hashable {
    /// Nobody is believed: the client is at the other end of the connection.
    public static let none = TrustedProxies([])

    /// Where these proxies are.
    public let blocks: [AddressBlock]

    /// The proxies at these addresses.
    public init(_ blocks: [AddressBlock]) {
        self.blocks = blocks
    }

    /// Whether an address is one of these proxies'.
    public func contains(_ address: IPAddress) -> Bool {
        blocks.contains { $0.contains(address) }
    }

    /// The address of the client of a request.
    ///
    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - headers: of the request.
    /// - Returns: the first address from the right that is no trusted proxy's; the peer's when there is no
    ///   `X-Forwarded-For`, or one that can't be read; nil when the peer has no address, as on a Unix socket.
    func client(peer: String?, _ headers: HTTPFields) -> IPAddress? {
        guard let peer = peer.flatMap(IPAddress.init) else { return nil }
        guard !blocks.isEmpty, contains(peer) else { return peer }
        var client = peer
        // Several fields are one list (RFC 9110 section 5.3).
        for field in headers[values: .forwardedFor].reversed() {
            for entry in field.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).reversed() {
                guard contains(client) else { return client }
                guard let address = Self.address(entry) else { return peer }
                client = address
            }
        }
        return client
    }

    /// An address, perhaps with a port as some proxies write it: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
    private static func address(_ entry: Substring.UTF8View) -> IPAddress? {
        guard entry.count <= 64, entry.allSatisfy({ $0 == 0x09 || (0x20...0x7E).contains($0) }) else { return nil }
        var text = String(Substring(entry)).trimmingSpaces
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]"), isPort(text[text.index(after: end)...]) else { return nil }
            return IPAddress(String(text[text.index(after: text.startIndex)..<end]))
        }
        if let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon {
            guard isPort(text[colon...]) else { return nil }
            text = text[..<colon]
        }
        return IPAddress(String(text))
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.first == ":" && UInt16(text.dropFirst()) != nil
    }
}
