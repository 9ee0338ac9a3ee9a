/// 256 bits of the operating system's random source as 43 base64url characters, and the strict test for that form.
///
/// Conformance tests want a `state` of at most 128 and a `nonce` of at most 43 URL-safe characters, RFC 7636 section 4.1 a
/// verifier of 43 to 128.
package enum RandomToken {
    package static func make() -> String {
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
    package static func isWellFormed(_ text: String) -> Bool {
        let bytes = text.utf8
        guard bytes.count == 43, let last = bytes.last, let lastValue = Base64URL.value(of: last) else { return false }
        return lastValue & 0b11 == 0 && bytes.allSatisfy { Base64URL.value(of: $0) != nil }
    }
}
