/// 256 random bits as base64url, and the strict test for their form.
enum RandomToken {
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for _ in 0..<4 {
            withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) }
        }
        return Base64URL.encode(bytes)
    }

    /// Whether `text` is what ``make()`` could have made.
    ///
    /// 43 characters hold 258 bits: the last two must be zero, or one token would have four spellings.
    static func isWellFormed(_ text: String) -> Bool {
        let bytes = text.utf8
        guard bytes.count == 43, let last = bytes.last, let lastValue = Base64URL.value(of: last) else { return false }
        return lastValue & 0b11 == 0 && bytes.allSatisfy { Base64URL.value(of: $0) != nil }
    }
}

/// The characters that a cookie value may have: RFC 6265 section 4.1.1, `cookie-octet`.
enum CookieOctet {
    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }
}
