/// Base64url without padding (RFC 7515 section 2), with one spelling for each sequence of bytes.
///
/// Over tables and in groups of four characters: every session read decodes up to three tokens.
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let invalid: UInt8 = 0xFF
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: invalid, count: 256)
        for (value, character) in alphabet.enumerated() {
            table[Int(character)] = UInt8(value)
        }
        return table
    }()

    /// The six bits that a character stands for, or nil when it isn't in the alphabet.
    package static func value(of character: UInt8) -> UInt8? {
        let value = values[Int(character)]
        return value == invalid ? nil : value
    }

    package static func encodedCount(_ count: Int) -> Int {
        (count * 4 + 2) / 3
    }

    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        bytes.withContiguousStorageIfAvailable(encode(buffer:)) ?? encode(Array(bytes))
    }

    /// The bytes, or nil for a character outside the alphabet, an impossible length or trailing bits that aren't zero.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard let bytes = text.withContiguousStorageIfAvailable(decode(buffer:)) else { return decode(Array(text)) }
        return bytes
    }

    // Below nothing is generic: a caller in another module would pay a witness call for each byte.

    private static func encode(buffer bytes: UnsafeBufferPointer<UInt8>) -> String {
        let count = encodedCount(bytes.count)
        return String(unsafeUninitializedCapacity: count) { output in
            alphabet.withUnsafeBufferPointer { alphabet in
                var written = 0
                for start in stride(from: 0, to: bytes.count, by: 3) {
                    let isThere = (start + 1 < bytes.count, start + 2 < bytes.count)
                    let group =
                        UInt32(bytes[start]) << 16 | (isThere.0 ? UInt32(bytes[start + 1]) << 8 : 0)
                        | (isThere.1 ? UInt32(bytes[start + 2]) : 0)
                    for shift: UInt32 in [18, 12, 6, 0] where written < count {
                        output[written] = alphabet[Int(group >> shift & 63)]
                        written += 1
                    }
                }
            }
            return count
        }
    }

    private static func decode(buffer text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: text.count * 3 / 4) { output, initialized in
            values.withUnsafeBufferPointer { values in
                // What isn't in the alphabet has its two upper bits set.
                var seen: UInt8 = 0
                var read = 0
                while read + 4 <= text.count {
                    let (a, b) = (values[Int(text[read])], values[Int(text[read + 1])])
                    let (c, d) = (values[Int(text[read + 2])], values[Int(text[read + 3])])
                    seen |= a | b | c | d
                    output[initialized] = a << 2 | b >> 4
                    output[initialized + 1] = b << 4 | c >> 2
                    output[initialized + 2] = c << 6 | d
                    read += 4
                    initialized += 3
                }
                if read < text.count {
                    let (a, b) = (values[Int(text[read])], values[Int(text[read + 1])])
                    let c = read + 2 < text.count ? values[Int(text[read + 2])] : 0
                    seen |= a | b | c
                    output[initialized] = a << 2 | b >> 4
                    initialized += 1
                    if read + 2 < text.count {
                        output[initialized] = b << 4 | c >> 2
                        initialized += 1
                        isValid = c & 0b11 == 0
                    } else {
                        isValid = b & 0b1111 == 0
                    }
                }
                isValid = isValid && seen & 0b1100_0000 == 0
            }
        }
        return isValid ? bytes : nil
    }
}
