/// The decoding half of `application/x-www-form-urlencoded`, strict: what is not well formed is refused, not guessed.
enum FormDecoding {
    /// More fields than this are refused.
    static let maximumFields = 64

    static func fields(_ encoded: [UInt8]) throws(OpenIDConnectError) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        for pair in encoded.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true) {
            guard fields.count < maximumFields else {
                throw OpenIDConnectError(.callbackMalformed, "the form has too many fields")
            }
            let equals = pair.firstIndex(of: UInt8(ascii: "="))
            let name = try decode(pair[..<(equals ?? pair.endIndex)])
            let value = try equals.map { (index) throws(OpenIDConnectError) in try decode(pair[(index + 1)...]) }
            fields.append((name, value ?? ""))
        }
        return fields
    }

    private static func decode(_ encoded: ArraySlice<UInt8>) throws(OpenIDConnectError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var index = encoded.startIndex
        while index < encoded.endIndex {
            let byte = encoded[index]
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard index + 2 < encoded.endIndex, let high = hexValue(encoded[index + 1]),
                    let low = hexValue(encoded[index + 2])
                else { throw OpenIDConnectError(.callbackMalformed, "the form has bad percent-encoding") }
                bytes.append(high << 4 | low)
                index += 2
            default:
                bytes.append(byte)
            }
            index += 1
        }
        // No parameter of an authorization response may hold a control character, least of all CR, LF or NUL.
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), let text = String(validating: bytes, as: UTF8.self) else {
            throw OpenIDConnectError(.callbackMalformed, "the form has control characters or is not UTF-8")
        }
        return text
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
