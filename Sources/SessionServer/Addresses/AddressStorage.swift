/// How much of a browser's address is kept with its session.
public enum AddressStorage: String, Sendable, Hashable, CaseIterable {
    /// All of it.
    case full
    /// The network: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address, the rest zero.
    case truncated
    /// Nothing.
    case none

    /// What is kept of an address that another system has stored; nil for what is none, unless everything is kept.
    public func stored(_ text: String) -> String? {
        self == .full ? text : stored(IPAddress(text))
    }

    /// What is kept of an address.
    func stored(_ address: IPAddress?) -> String? {
        switch self {
        case .full: address?.description
        case .truncated: address.map { $0.masked(bits: $0.isIPv6 ? 48 : 24).description }
        case .none: nil
        }
    }
}
