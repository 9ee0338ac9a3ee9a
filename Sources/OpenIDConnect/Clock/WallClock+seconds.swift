#if canImport(FoundationEssentials)
import struct FoundationEssentials.Date
#else
import struct Foundation.Date
#endif

extension WallClock {
    /// The time of day in whole seconds since 1970, as a JWT has it (RFC 7519 section 2, NumericDate).
    var numericDate: JSONValue { .integer(Int64(now().timeIntervalSince1970)) }

    /// The same so many seconds later.
    func numericDate(after seconds: Int64) -> JSONValue { .integer(Int64(now().timeIntervalSince1970) + seconds) }
}
