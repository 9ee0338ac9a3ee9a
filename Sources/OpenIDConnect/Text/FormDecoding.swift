/// The fields of an authorization response: `application/x-www-form-urlencoded`, and nothing that isn't well formed.
enum FormDecoding {
    /// More fields than this are refused.
    static let maximumFields = 64

    static func fields(_ encoded: [UInt8]) throws(OpenIDConnectError) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        for pair in encoded.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true) {
            guard fields.count < maximumFields else {
                throw OpenIDConnectError(.callbackMalformed, "the form has too many fields")
            }
            let (name, value) = halves(pair)
            fields.append((try decode(name), try decode(value)))
        }
        return fields
    }

    /// The value of a field that is there exactly once and can be read, whatever else is there; nil otherwise.
    static func soleValue(of name: String, in encoded: [UInt8]) -> String? {
        var found: [ArraySlice<UInt8>] = []
        for pair in encoded.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true) {
            let (encodedName, value) = halves(pair)
            if (try? decode(encodedName))?.hasSameBytes(as: name) == true { found.append(value) }
        }
        return found.count == 1 ? try? decode(found[0]) : nil
    }

    private static func halves(_ pair: ArraySlice<UInt8>) -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
        return (pair[..<equals], pair[equals...].dropFirst())
    }

    private static func decode(_ encoded: ArraySlice<UInt8>) throws(OpenIDConnectError) -> String {
        guard let text = FormCoding.decode(encoded) else {
            throw OpenIDConnectError(.callbackMalformed, "the form has bad percent-encoding or is not UTF-8")
        }
        // No parameter of an authorization response may hold a control character, least of all CR, LF or NUL.
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw OpenIDConnectError(.callbackMalformed, "the form has control characters")
        }
        return text
    }
}
