/// All addresses that begin with the same bits: `10.0.0.0/8`, `2001:db8::/32`, or one address.
public struct AddressBlock: Sendable, Hashable, CustomStringConvertible {
    let base: IPAddress
    let bits: Int

    /// An address, or an address and a prefix length (RFC 4632 section 3.1) that no bit of the address lies behind.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let base = IPAddress(String(parts[0])) else { return nil }
        let width = base.bytes.count * 8
        var bits = width
        if parts.count == 2 {
            guard let number = Int(parts[1]), String(number) == parts[1], (0...width).contains(number),
                // A prefix of a mapped address would mean another one.
                parts[0].utf8.contains(UInt8(ascii: ":")) == base.isIPv6
            else { return nil }
            bits = number
        }
        guard base.masked(bits: bits) == base else { return nil }
        self.base = base
        self.bits = bits
    }

    /// Whether an address begins with these bits.
    public func contains(_ address: IPAddress) -> Bool {
        address.bytes.count == base.bytes.count && address.masked(bits: bits) == base
    }

    /// Address and prefix length.
    public var description: String { "\(base)/\(bits)" }
}
