/// How many times each address has done something lately: as many a minute as are allowed, all at once or spread out.
///
/// Addresses of IPv6 are counted by their first 64 bits: whoever has one of such a network has all of them (RFC 6177).
/// However many addresses come, it keeps a bounded number: past that the oldest are forgotten before their minute is
/// over, which lets them do more, and takes no more memory.
struct AddressRates: Sendable {
    /// An IPv4 address, or the first 64 bits of an IPv6 address.
    private struct Network: Hashable {
        let bits: UInt64
        let isIPv6: Bool

        init(_ address: IPAddress) {
            bits = address.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            isIPv6 = address.isIPv6
        }
    }

    private static let minute: Int64 = 60_000_000_000

    private let interval: Int64
    private let maximumAddresses: Int
    /// When each would have been done at an even pace, in nanoseconds: never more than a minute ahead. (The generic cell
    /// rate algorithm, ITU-T I.371: one number for each address, and nothing to be refilled.)
    private var recent: [Network: Int64] = [:]
    private var older: [Network: Int64] = [:]
    private var renewedAt: Int64 = 0

    /// - Parameters:
    ///   - perMinute: at least 1.
    ///   - maximumAddresses: Twice as many are kept.
    init(perMinute: Int, maximumAddresses: Int) {
        interval = Self.minute / Int64(max(perMinute, 1))
        self.maximumAddresses = max(maximumAddresses, 1)
    }

    /// How many addresses are kept at the moment.
    var count: Int { recent.count + older.count }

    /// Counts one more time.
    ///
    /// - Parameter now: since some beginning.
    /// - Returns: nil when it is allowed; otherwise how long to wait.
    mutating func admit(_ address: IPAddress, at now: Duration) -> Duration? {
        let now = now.components.seconds * 1_000_000_000 + now.components.attoseconds / 1_000_000_000
        // Whoever was last admitted a minute ago is as good as new.
        if now - renewedAt >= Self.minute || recent.count >= maximumAddresses {
            older = recent
            recent = [:]
            renewedAt = now
        }
        let network = Network(address)
        let due = max(recent[network] ?? older[network] ?? now, now)
        let excess = due + interval - now - Self.minute
        guard excess <= 0 else { return .nanoseconds(excess) }
        recent[network] = due + interval
        return nil
    }
}
