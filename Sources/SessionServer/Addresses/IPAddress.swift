#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// An IPv4 or IPv6 address.
///
/// An IPv4 address in the clothes of IPv6 (`::ffff:192.0.2.1`), as a socket for both has it, is the IPv4 address.
public struct IPAddress: Sendable, Hashable {
    /// 4 or 16 bytes.
    let bytes: [UInt8]

    init(bytes: [UInt8]) {
        let isMapped = bytes.count == 16 && bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10...11] == [0xFF, 0xFF]
        self.bytes = isMapped ? Array(bytes.suffix(4)) : bytes
    }

    /// Four decimal numbers, or the text of an IPv6 address without brackets (RFC 4291 section 2.2); a zone is left out.
    public init?(_ text: String) {
        let text = text.prefix { $0 != "%" }
        // The longest IPv6 text has 45 characters.
        guard (2...45).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        let isIPv6 = text.utf8.contains(UInt8(ascii: ":"))
        var bytes = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
        guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, String(text), &bytes) == 1 else { return nil }
        self.init(bytes: bytes)
    }

    /// Whether it has 16 bytes.
    var isIPv6: Bool { bytes.count == 16 }

    /// The address with everything behind so many bits cleared.
    func masked(bits: Int) -> IPAddress {
        var masked = bytes
        for index in masked.indices {
            let kept = min(max(bits - index * 8, 0), 8)
            masked[index] &= UInt8(truncatingIfNeeded: 0xFF00 >> kept)
        }
        // Not through the other initialiser: what is masked is no mapped address.
        return IPAddress(exactly: masked)
    }

    private init(exactly bytes: [UInt8]) {
        self.bytes = bytes
    }
}

extension IPAddress: CustomStringConvertible {
    /// The usual text; for IPv6 the shortest (RFC 5952).
    public var description: String {
        var text = [CChar](repeating: 0, count: 64)
        let isWritten = inet_ntop(isIPv6 ? AF_INET6 : AF_INET, bytes, &text, socklen_t(text.count)) != nil
        return isWritten ? String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
    }
}
