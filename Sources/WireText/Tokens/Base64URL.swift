/// Base64url without padding (RFC 7515 section 2), with one spelling for each sequence of bytes.
///
/// Over tables: every session read decodes up to three tokens.
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

    // Not generic: a caller in another module would pay a witness call for each byte.
    private static func encode(buffer bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(unsafeUninitializedCapacity: encodedCount(bytes.count)) { output in
            alphabet.withUnsafeBufferPointer { alphabet in
                var written = 0
                var accumulator: UInt32 = 0
                var bits = 0
                for byte in bytes {
                    accumulator = accumulator << 8 | UInt32(byte)
                    bits += 8
                    while bits >= 6 {
                        bits -= 6
                        output[written] = alphabet[Int(accumulator >> UInt32(bits) & 0x3F)]
                        written += 1
                    }
                }
                if bits > 0 {
                    output[written] = alphabet[Int(accumulator << UInt32(6 - bits) & 0x3F)]
                    written += 1
                }
                return written
            }
        }
    }

    /// The bytes, or nil for a character outside the alphabet, an impossible length or trailing bits that aren't zero.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard let result = text.withContiguousStorageIfAvailable(decode(buffer:)) else { return decode(Array(text)) }
        return result
    }

    private static func decode(buffer text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        let count = text.count
        guard count % 4 != 1 else { return nil }
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count * 3 / 4) { output, initialized in
            values.withUnsafeBufferPointer { values in
                var accumulator: UInt32 = 0
                var bits = 0
                var written = 0
                for character in text {
                    let value = values[Int(character)]
                    if value == invalid {
                        isValid = false
                        break
                    }
                    accumulator = accumulator << 6 | UInt32(value)
                    bits += 6
                    if bits >= 8 {
                        bits -= 8
                        output[written] = UInt8(truncatingIfNeeded: accumulator >> UInt32(bits))
                        written += 1
                    }
                }
                if accumulator & (1 << UInt32(bits) - 1) != 0 {
                    isValid = false
                }
                initialized = written
            }
        }
        return isValid ? bytes : nil
    }
}
